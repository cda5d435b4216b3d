"""A press for printed patient information.

The stages, in the order of the run, each in the module of its name:

    source    reads what editors write (YAML) into a Booklet, or says what is wrong with it
    layout    reads a folder of templates, style and fixed words into a Layout
    typeset   pours the Booklet into the Layout: one HTML document for each part
    render    lays one HTML document out on pages (the only user of WeasyPrint)
    assemble  numbers the pages of all parts and joins them into one PDF
    inspect   reads facts back from the finished PDF: text by tag, links, fonts, numbers
    checks    compares those facts with the Booklet, and reports Problems
    make      does all this for one edition; batch does it for many; cli is the command
"""
