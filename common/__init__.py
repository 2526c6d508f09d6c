"""Technology that two services need, and no business decision."""
