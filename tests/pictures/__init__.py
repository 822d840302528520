"""The README's pictures: a day lived through in a running house, photographed page by page and paper by paper."""
