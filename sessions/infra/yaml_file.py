"""YAML files that ship with Vivavoce, read fast: plain data, for their reader to validate."""

from __future__ import annotations

from pathlib import Path

import yaml

try:  # libyaml's, when PyYAML was built with it: some ten times faster
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader


class YamlUnreadable(Exception):
    """The file is away, is not text, or is no YAML; its message says which."""


def read_yaml(path: Path) -> object:
    """Raises YamlUnreadable."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise YamlUnreadable(f"it cannot be read: {exc}") from exc
