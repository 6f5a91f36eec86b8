"""The starter kit: files made for one case, for the team to fill in and use.

`files.kit` gives their text, `folder.write_kit` puts them on disk. What nobody told stays a marked blank.
"""
