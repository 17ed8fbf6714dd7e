"""What a person may get wrong at the command line: one sentence that says what, and what to do; never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.cli import main

MISTAKES = [
    ("audt", "there is no command 'audt' (meant audit?); `seatrial --help` lists them"),
    ("nope", "there is no command 'nope'; `seatrial --help` lists them"),
    (
        "audit . --formt json",
        "'--formt' is no argument of `seatrial audit` (meant --format?); see `seatrial audit --help`",
    ),
    ("verify http://a --frontnd b", "'--frontnd' is no argument of `seatrial verify` (meant --frontend?)"),
    ("rules extra", "'extra' is no argument of `seatrial rules`; see `seatrial rules --help`"),
    ("audit --format xml", "invalid choice: 'xml' (choose from 'text', "),
    ("audit absent", "absent does not exist: give the folder that holds the backend's code"),
    ("boot file.txt", "file.txt is not a folder: give the folder that holds the backend's code"),
    ("build empty", "empty is empty: give the folder that holds the backend's code"),
    ("prepare absent", "absent does not exist: give the folder that holds the backend's code"),
    ("report empty", "empty is empty: give the folder that holds the backend's code"),
    ("boot --timeout 0", "'0' is no time in seconds above 0"),
    ("build --memory 5", "'5' is no size of at least 16m; write it as 512m or 2g"),
    ("build --repeat 0", "'0' is no number from 1 to 1000"),
    ("audit --as-of yesterday", "'yesterday' is no day; write it as 2026-11-21"),
    ("audit --env NAME", "'NAME' is neither NAME=VALUE nor none"),
    ("verify", "which URL? seatrial verify URL --frontend ORIGIN"),
    ("verify shop", "'shop' is not an http or https URL"),
    ("verify http://127.0.0.1:1 --db-down x", "--db-down and --db-up go together"),
    ("verify http://127.0.0.1:1 --frontend shop", "'shop' is no origin; write it as https://app.example.com"),
    ("verify --cleanup gone.jsonl", "cannot read the journal gone.jsonl: No such file or directory"),
    ("verify http://127.0.0.1:1 --auth gone.toml", "cannot read gone.toml: No such file or directory"),
    ("verify https://shop.example", "this writes to a URL beyond this machine: --yes says that it may"),
    ("explain XY", "nothing is called 'XY'; `seatrial rules` lists the rules"),
    ("completion tcsh", "invalid choice: 'tcsh' (choose from 'bash', 'zsh', 'fish')"),
    ("adr new", "the following arguments are required: TITLE; see `seatrial adr new --help`"),
]


@pytest.mark.parametrize(("line", "said"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_mistake_is_said_in_a_sentence(
    line: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("x\n")
    assert main(line.split()) == 2
    told = capsys.readouterr()
    assert told.err.startswith("seatrial: ") and said in told.err
    assert told.err.count("\n") == 1 and told.out == ""
