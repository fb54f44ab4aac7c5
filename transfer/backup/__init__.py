"""A whole site in one file, and back: see docs/operations.md.

`archive` knows the file, `contents` what belongs in it, `media` the uploads; `write`, `check` and
`restore` are what the commands call, `drill` tries it all every week.
"""
