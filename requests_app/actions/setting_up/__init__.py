"""What administrators do: each kind of setting is made, saved and put back by functions of one module.

A setting is given as a *document*: plain data in the shape that its page edits and its history keeps. `checked`
functions refuse with a sentence for each field that is wrong, under the name the field has on the page.
"""
