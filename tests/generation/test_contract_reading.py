"""Contract files from disk: what is read, and one sentence for what is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omninode_bridge.errors import ContractReadError
from omninode_bridge.generation.discovery import find_contracts
from omninode_bridge.generation.reading import MAX_BYTES, read_contract


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"name: a\n", "name: a\n"),
        (b"\xef\xbb\xbfname: a\n", "name: a\n"),
        ("name: ä\n".encode("utf-16"), "name: ä\n"),
        ("\ufeffname: b\n".encode("utf-16-be"), "name: b\n"),
        (b"name: a\r\n", "name: a\r\n"),
    ],
)
def test_read_contract_decodes_utf8_and_marked_utf16(
    tmp_path: Path, data: bytes, text: str
) -> None:
    """Text arrives without its byte order mark."""
    file = tmp_path / "a.yaml"
    file.write_bytes(data)

    assert read_contract(file).text == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x7fELF\x00\x01", "binary"),
        ("name: Größe".encode("latin-1"), "UTF-8"),
        (b"\xff\xfea", "UTF-16"),
        (b"x" * (MAX_BYTES + 1), "larger than 1024 KiB"),
    ],
)
def test_read_contract_refuses_what_is_no_text(tmp_path: Path, data: bytes, words: str) -> None:
    """Binary, wrongly encoded and huge files get one sentence with the path."""
    file = tmp_path / "a.yaml"
    file.write_bytes(data)

    with pytest.raises(ContractReadError, match=words) as caught:
        read_contract(file)

    assert caught.value.path == str(file)


def test_read_contract_refuses_what_is_no_file(tmp_path: Path) -> None:
    """A missing file, a directory, a dead link and a NUL in the name are told apart."""
    (tmp_path / "dead.yaml").symlink_to(tmp_path / "gone")

    for name, words in [
        ("missing.yaml", "no such file"),
        (".", "is a directory"),
        ("dead.yaml", "leads nowhere"),
        ("a\0b", "NUL"),
    ]:
        with pytest.raises(ContractReadError, match=words):
            read_contract(f"{tmp_path}/{name}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_read_contract_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    """A pipe and a device are refused at once."""
    os.mkfifo(tmp_path / "pipe.yaml")

    for path in (tmp_path / "pipe.yaml", Path("/dev/zero")):
        with pytest.raises(ContractReadError, match="no regular file"):
            read_contract(path)


def test_read_contract_refuses_a_link_out_of_the_folder(tmp_path: Path) -> None:
    """With a root given, links are resolved first."""
    outside = tmp_path / "outside.yaml"
    outside.write_text("name: a")
    root = tmp_path / "root"
    root.mkdir()
    (root / "in.yaml").write_text("name: b")
    (root / "link.yaml").symlink_to(outside)
    (root / "inner.yaml").symlink_to(root / "in.yaml")

    assert read_contract(root / "inner.yaml", root=root).text == "name: b"
    with pytest.raises(ContractReadError, match="leads out of"):
        read_contract(root / "link.yaml", root=root)


def test_find_contracts_lists_sorted_files_once(tmp_path: Path) -> None:
    """Directories are searched; hidden, underscored and other files are passed over."""
    for name in ("b.yaml", "a.yml", "c.json", "sub/d.yaml", "notes.txt", ".h.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x: 1")
    for folder in (".git", "_shared", "node_modules"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "e.yaml").write_text("x: 1")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "z.yaml").symlink_to(tmp_path / "a.yml")

    found = find_contracts([tmp_path, tmp_path / "b.yaml", tmp_path / "notes.txt"])

    names = [path.relative_to(tmp_path).as_posix() for path in found]
    assert names == ["a.yml", "b.yaml", "c.json", "notes.txt", "sub/d.yaml"]


def test_find_contracts_refuses_empty_and_missing_paths(tmp_path: Path) -> None:
    """A directory without contracts and a missing path are each one sentence."""
    with pytest.raises(ContractReadError, match="holds no contracts"):
        find_contracts([tmp_path])
    with pytest.raises(ContractReadError, match="no such file or directory"):
        find_contracts([tmp_path / "missing"])
