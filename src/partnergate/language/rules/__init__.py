"""What a well-formed file may still get wrong: one small function for each code.

``registry`` lists them all. A rule sees typed values and says where, in the words of the file.
"""
