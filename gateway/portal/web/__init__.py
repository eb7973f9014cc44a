"""The citizen's pages: HTML made here, one stylesheet and one small script of our own, nothing foreign."""
