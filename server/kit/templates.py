"""The pages' templates and the addresses of static files, with their content in the address."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.kit.filters import FILTERS

WEB = Path(__file__).resolve().parents[2] / "web"
VERSION_CHARS = 12

_log = logging.getLogger(__name__)


class StaticFiles:
    """Files below `root`, by their path relative to it. A path that leads outside has none."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._versions: dict[Path, tuple[int, int, str]] = {}

    def file(self, path: str) -> Path | None:
        if "\0" in path:
            return None
        file = (self._root / path).resolve()
        return file if file.is_relative_to(self._root) and file.is_file() else None

    def version(self, file: Path) -> str:
        """A hash of the content, read again only when the file has changed."""
        stat = file.stat()
        known = self._versions.get(file)
        if known is not None and known[:2] == (stat.st_mtime_ns, stat.st_size):
            return known[2]
        version = hashlib.sha256(file.read_bytes()).hexdigest()[:VERSION_CHARS]
        self._versions[file] = (stat.st_mtime_ns, stat.st_size, version)
        return version

    def asset(self, path: str) -> str:
        """`/static/<path>?v=<content hash>`, which a browser may keep for ever."""
        file = self.file(path)
        if file is None:
            _log.warning("A page names the static file %s, which does not exist.", path)
            return f"/static/{path}"
        return f"/static/{path}?v={self.version(file)}"


class Pages:
    """Renders `web/templates`; everything is escaped, an unknown name is an error."""

    def __init__(self, web_root: Path, *, app_version: str) -> None:
        self.static = StaticFiles(web_root / "static")
        self._environment = Environment(
            loader=FileSystemLoader(web_root / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(FILTERS)
        # Jinja types its globals by the ones it brings itself.
        names = cast("dict[str, object]", self._environment.globals)
        names.update(asset=self.static.asset, app_version=app_version)

    def render(self, template: str, context: dict[str, object]) -> str:
        return self._environment.get_template(template).render(context)
