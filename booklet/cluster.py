"""How are jobs done on several machines? By Dask's workers, who need no disk that they share.

Sources, layouts and fonts travel in bundles, each named by the SHA-256 of its content; editions come back,
or are written to an address by the worker that made them.
"""

import gc
import hashlib
import logging
import os
import platform
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

import dask
import distributed

from .batch import Limits, RefusedError, limited
from .bucket import opened
from .make import Job, Made, not_written, place
from .render import engine, shared_libraries
from .source import file_bytes
from .store import MARK, Address, Folder, Store, safe_name

#: What `--cluster` says for workers on this machine alone.
LOCAL = "local"

#: How long a scheduler has to answer, and to name a worker, in seconds.
PATIENCE = 3

#: So many editions a worker writes to an address at a time: each waits for the network more than it works.
WRITERS = 8

#: Bundles are as large as fonts are; and a job that was lost is handed out again by `batch`.
SETTINGS = {"distributed.admin.large-graph-warning-threshold": "16 GiB"}
LOCAL_SETTINGS = {"distributed.scheduler.allowed-failures": 0}

#: What Dask says of a result that its scheduler no longer knows.
GONE = ("cancelled", "lost")

Work = Callable[[Sequence[Job]], tuple[Made, ...]]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files by their names below a root."""

    digest: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """An address that workers write to, the mark that they must see there, and what lies beside editions."""

    address: Address
    mark: bytes
    beside: tuple[str, ...] = ()

    def of(self, booklet: str) -> "Target":
        """The same, with what lies beside a booklet's editions."""
        return replace(self, beside=tuple(name for name in self.beside if name.startswith(f"{booklet}/")))


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is to do, and what it must be for that; `parts` counts the bundles of each root."""

    work: Work
    jobs: tuple[Job, ...]
    parts: tuple[int, ...]
    program: tuple[str, ...]
    target: Target | None


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker sends back: editions, and its own roots, which their paths begin with.

    `pdfs` has their bytes, or nothing where they are at an address.
    """

    made: tuple[Made, ...]
    pdfs: tuple[bytes, ...]
    roots: tuple[str, ...]


class Cluster(Executor):
    """The workers of a Dask scheduler, or some on this machine, for `batch.run_all`.

    They send editions back, or write them to the target.
    """

    def __init__(self, address: str, target: Target | None = None) -> None:
        self._address, self._target = address, target
        # What the client logs of a scheduler that is lost is for Dask's own authors.
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        self.sent: list[str] = []
        """The bundles that were not on the cluster yet, by digest."""
        self._bundles: dict[tuple[Path, str], Bundle] = {}
        self._there: dict[str, distributed.Future[Any]] = {}
        self._running: set[distributed.Future[Any]] = set()
        self._lasting = address != LOCAL
        self._open = ExitStack()
        try:
            self._open.enter_context(dask.config.set(SETTINGS))
            self._client = self._connected(address)
            self._known = set(self._client.list_datasets())
        except BaseException:
            self._open.close()
            raise
        self.count = sum(self._client.nthreads().values())

    def _connected(self, address: str) -> distributed.Client:
        cluster = self._open.enter_context(self._on_this_machine()) if address == LOCAL else address
        certified = distributed.Security().get_connection_args("client")["ssl_context"]
        if address.startswith("tls:") and not certified:
            raise OSError(0, "No certificates are set for a scheduler that asks for them", address)
        try:
            client: distributed.Client = self._open.enter_context(
                distributed.Client(cluster, timeout=PATIENCE, set_as_default=False)
            )
        except OSError:
            raise OSError(0, "No scheduler answers", address) from None
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except OSError:
            raise OSError(0, "The scheduler has no workers", address) from None
        return client

    def _on_this_machine(self) -> distributed.LocalCluster:
        self._open.enter_context(dask.config.set(LOCAL_SETTINGS))
        folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="booklet-"))
        return distributed.LocalCluster(
            n_workers=os.cpu_count() or 1,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # it listens even so
            silence_logs=logging.CRITICAL,
            local_directory=folder,
        )

    def submit(self, work: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        """Let a worker make the editions of some jobs that differ in nothing but the clinic."""
        (jobs,) = args
        wanted = [list(self._parts(root, jobs[0])) for root in jobs[0].roots]
        target = self._target and self._target.of(jobs[0].booklet)
        task = Task(work, tuple(jobs), tuple(map(len, wanted)), program(), target)
        result: Future[Any] = Future()
        try:
            there = [
                self._put(root, *part)
                for root, parts in zip(jobs[0].roots, wanted, strict=True)
                for part in parts
            ]
            running = self._client.submit(done_there, task, *there, pure=False)
        except (OSError, distributed.client.ClosedClientError):
            why = "The scheduler was lost; start it and its workers, then run the same command again"
            raise OSError(0, why, self._address) from None
        self._running.add(running)
        running.add_done_callback(partial(self._come_back, result, task.jobs))
        return result

    def _parts(self, root: Path, job: Job) -> Iterator[tuple[str, Bundle]]:
        """The bundles of a root; from other booklets come their texts alone, which this one may refer to."""
        yield self._part(root, "looks", "layouts", "fonts")
        if root == job.roots[0]:
            yield self._part(root, "texts", "source")
            yield self._part(root, f"booklet {job.booklet}", f"source/booklets/{job.booklet}")

    def _part(self, root: Path, name: str, *folders: str) -> tuple[str, Bundle]:
        if (root, name) not in self._bundles:
            found = {file: data for folder in folders for file, data in files_below(root, folder)}
            keep = {file: data for file, data in found.items() if _is_text(file) == (name == "texts")}
            self._bundles[root, name] = bundle_of(found if name == "looks" else keep)
        return name, self._bundles[root, name]

    def _put(self, root: Path, name: str, bundle: Bundle) -> distributed.Future[Any]:
        """The bundle on the cluster, where it stays for the next build until another takes its place.

        It is the result of a task, not scattered data: the scheduler can restore it when a worker is lost.
        """
        key = f"bundle-{bundle.digest}"
        slot = hashlib.sha256(f"{platform.node()}|{root}|{name}".encode(errors="surrogateescape")).hexdigest()
        there = self._there.get(slot) or (self._client.get_dataset(slot) if slot in self._known else None)
        if there is None or there.key != key or there.status in GONE:
            there = self._client.submit(_unchanged, bundle, key=key)
            if self._lasting:
                self._client.publish_dataset(there, name=slot, override=True)
            self.sent.append(bundle.digest)
        elif there.status == "error":
            # The worker that it was to go to was lost; all that need it would fail again.
            there.retry()
        self._there[slot] = there
        return there

    def _come_back(
        self, result: Future[Any], jobs: tuple[Job, ...], running: distributed.Future[Any]
    ) -> None:
        """Put the editions in their places, or say why there are none."""
        self._running.discard(running)
        try:
            result.set_result(tuple(_placed(running.result(), jobs)))
        except distributed.KilledWorker as error:
            result.set_exception(_lost(error))
        except (distributed.client.FutureCancelledError, distributed.CancelledError) as error:
            result.set_exception(BrokenExecutor(str(error)))
        except Exception as error:
            result.set_exception(error)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Leave the cluster; what has not begun is taken back where it is cancelled."""
        if cancel_futures:
            self._client.cancel(list(self._running))
        self._open.close()


def _lost(error: distributed.KilledWorker) -> Exception:
    """A loss that `batch` may try again; not where the scheduler has done so already."""
    why = "its worker was lost"
    if not error.allowed_failures:
        return BrokenExecutor(why)
    hint = "look for a picture or a table that is far too large, and into the worker's own log"
    return RefusedError(f"{why} {error.allowed_failures + 1} times", hint)


# --- On both sides -------------------------------------------------------------------------


def _is_text(file: str) -> bool:
    """Does every booklet's bundle of texts have the file? All but what lies beside booklets' YAML."""
    return not file.startswith("source/booklets/") or file.endswith((".yaml", ".yml"))


def files_below(root: Path, folder: str) -> Iterator[tuple[str, bytes]]:
    """The plain files in a folder below the root, but hidden ones, by the rule of `source.file_bytes`."""
    for path in sorted((root / folder).glob("*")):
        name = str(path.relative_to(root))
        if path.name.startswith(".") or path.name == "__pycache__":
            continue
        if path.is_dir():
            inside, here = path.resolve(), path.parent.resolve()
            # A link to a folder around itself would go on for good.
            if inside.is_relative_to(root.resolve()) and not here.is_relative_to(inside):
                yield from files_below(root, name)
        elif (data := file_bytes(root, name)) is not None:
            yield name, data


def bundle_of(files: Mapping[str, bytes]) -> Bundle:
    """The files under the name that their names and contents give."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (os.fsencode(name), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return Bundle(digest.hexdigest(), files)


@cache
def program() -> tuple[str, ...]:
    """What makes the bytes: the press itself by a digest of its modules, and what it is made with."""
    package = Path(__file__).parent
    own = bundle_of({str(path.relative_to(package)): path.read_bytes() for path in package.rglob("*.py")})
    return (f"booklet {own.digest[:12]}", *engine())


# --- At the worker -------------------------------------------------------------------------


#: Limits are those of a process, so a process does one job at a time.
_ONE_AT_A_TIME = threading.Lock()


@cache
def _settle() -> None:
    """What is loaded now is there for good: between jobs only what is newer is looked through.

    That must not grow: Dask would note a hundred times a second where the worker is, for a page that nobody
    reads.
    """
    worker = distributed.get_worker()
    for name in ("profile", "profile-cycle"):
        if name in worker.periodic_callbacks:
            worker.loop.add_callback(worker.periodic_callbacks[name].stop)
    gc.freeze()


def _unchanged(bundle: Bundle) -> Bundle:
    return bundle


def done_there(task: Task, *bundles: Bundle) -> Done:
    """Do the work of a task in folders of the worker's own."""
    worker = distributed.get_worker()
    other = sorted(set(task.program) ^ set(program()))
    if other:
        why = f"the worker {worker.address} would make other bytes; only one side has: {', '.join(other)}"
        raise RefusedError(why, "install the same version on all machines, and start the workers again")
    _settle()
    store = _seen(task.target) if task.target else None
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory(dir=worker.local_directory) as scratch:
        waiting = iter(bundles)
        folder = Path(worker.local_directory)
        roots = tuple(root_of([next(waiting) for _ in range(count)], folder) for count in task.parts)
        out = Path(scratch).resolve()
        jobs = [replace(job, roots=roots, out=out) for job in task.jobs]
        made = limited(partial(task.work, jobs), Limits().cpu_seconds)
        pdfs = tuple((out / one.pdf).read_bytes() if one.digest else b"" for one in made)
    if store and task.target:
        made, pdfs = _delivered(store, task.target, made, pdfs), ()
    return Done(made, pdfs, tuple(map(str, roots)))


def _delivered(store: Store, target: Target, made: Sequence[Made], pdfs: Sequence[bytes]) -> tuple[Made, ...]:
    """The editions, each written to the target; one that could not be is told, and costs no other."""
    failures: list[OSError] = []

    def deliver(one: Made, pdf: bytes) -> Made:
        if not one.digest:
            return one
        try:
            # Where nothing could be written so often, each further edition would wait as long.
            if len(failures) >= WRITERS:
                raise failures[0]
            return _put(store, one, pdf, target.beside)
        except OSError as error:
            failures.append(error)
            return not_written(one, error)

    with ThreadPoolExecutor(WRITERS) as pool:
        return tuple(pool.map(deliver, made, pdfs))


def _put(store: Store, made: Made, pdf: bytes, beside: Sequence[str]) -> Made:
    folder = PurePosixPath(made.pdf).parent
    near = [path.name for path in map(PurePosixPath, beside) if path.parent == folder]
    return place(store, made, pdf, near)


#: A worker keeps its connections to a store from job to job.
_opened = cache(opened)


def _seen(target: Target) -> Store:
    """What is kept at the target; a RefusedError where this machine sees something else there.

    It is asked before each job: a folder may be unmounted meanwhile, and a store go down.
    """
    store = _opened(target.address)
    try:
        found = store.read(MARK)
    except OSError as error:
        found, why = None, f"{error.strerror}: {error.filename}"
    else:
        why = f"it sees another store at {target.address} than the one who builds"
    if found != target.mark:
        hint = "mount the same folder, or set the same AWS_ENDPOINT_URL and credentials, on all machines"
        raise RefusedError(f"the worker {distributed.get_worker().address}: {why}", hint)
    return store


def root_of(bundles: Sequence[Bundle], folder: Path) -> Path:
    """A folder with the files of all bundles, unpacked where it is not there yet."""
    names = "".join(bundle.digest for bundle in bundles)
    root = folder / f"root-{hashlib.sha256(names.encode()).hexdigest()}"

    def fill(beside: Path) -> None:
        for bundle in bundles:
            shutil.copytree(unpacked(bundle, folder), beside, copy_function=os.link, dirs_exist_ok=True)

    return _whole(root, fill).resolve()


def unpacked(bundle: Bundle, folder: Path) -> Path:
    """The folder of a bundle's files; a ValueError where they are not what its digest says, or lead out."""

    def fill(beside: Path) -> None:
        if bundle_of(bundle.files).digest != bundle.digest:
            raise ValueError(f"the bundle {bundle.digest} has other content")
        for name, data in bundle.files.items():
            path = beside / safe_name(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    if not bundle.digest.isalnum():
        raise ValueError(f"'{bundle.digest}' is no digest")
    return _whole(folder / f"bundle-{bundle.digest}", fill)


def _whole(target: Path, fill: Callable[[Path], None]) -> Path:
    """A folder that is filled beside its place, so that nobody sees a part of it."""
    if not target.is_dir():
        with tempfile.TemporaryDirectory(dir=target.parent) as beside:
            ready = Path(beside) / "ready"
            ready.mkdir()
            fill(ready)
            ready.rename(target)
    return target


# --- Back at the client --------------------------------------------------------------------


def _placed(done: Done, jobs: tuple[Job, ...]) -> Iterator[Made]:
    """The editions with the paths of this machine, each in its place."""
    own = tuple(map(str, jobs[0].roots))

    @cache
    def here(group: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(path for old in group for path in _here(done.roots, own, old)))

    pdfs = done.pdfs or (b"",) * len(jobs)
    for job, one, pdf in zip(jobs, done.made, pdfs, strict=True):
        made = replace(one, job=job, inputs=tuple(map(here, one.inputs)), absent=here(one.absent))
        if one.pdf:
            safe_name(one.pdf)  # its folder gets the reports
        if one.digest and done.pdfs:
            folder = Folder(job.out)
            made = place(folder, made, pdf, folder.names(str(PurePosixPath(one.pdf).parent)))
        yield made


def _here(theirs: Sequence[str], own: Sequence[str], path: str) -> tuple[str, ...]:
    """What a worker's path is here: below a root the same, else a library of the system."""
    for there, root in zip(theirs, own, strict=True):
        if path == there or path.startswith(there + "/"):
            return (root + path.removeprefix(there),)
    return (path,) if Path(path).exists() else shared_libraries()
