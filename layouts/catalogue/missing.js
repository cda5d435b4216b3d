// Puts the code that an address names into the form: who types HI104/1.0 in small letters comes here.
"use strict";

(() => {
  const field = document.getElementById("-code");
  const asked = location.pathname.slice(field.form.dataset.home.length).replace(/\/+$/, "");
  const [, code, version] = asked.match(/^([\w./-]+?)\/(\d+\.\d+)(?:\/.*)?$/) || [];
  if (code) field.value = `${code}/${version}`;
  else if (/^[\w.-]*\d[\w.-]*$/.test(asked)) field.value = asked;
})();
