"""Only a migration that main has already may be called released."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from ops.schema_changes.revisions import FOLDERS


def breaks(
    before: Mapping[str, str], after: Mapping[str, str], files: Iterable[str]
) -> Iterator[str]:
    """``files`` are those that main has, by their paths."""
    known = {
        f"{database}/{PurePath(file).name.partition('_')[0]}"
        for database, folder in FOLDERS.items()
        for file in files
        if file.startswith(f"{folder}/")
    }
    for name in sorted(after.keys() - before.keys() - known):
        yield f"{name}: is called released, and not even merged"
