"""`make check` says what would not work before it is deployed."""

from pathlib import Path

import pytest

from localaws import example, validate


def test_the_example_fits_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate.main() == 0
    assert "fit together" in capsys.readouterr().out


BROKEN = {
    "a configuration that does not compile": ("gate.toml", "version = 1", "version = 2", "gate.toml: version"),
    "a policy that does not validate": ("policies.cedar", "context.source_ip", "context.address", "policies.cedar"),
    "a domain that nothing could be minted for": (
        "gate.toml",
        "d-sandbox012345",
        "d-elsewhere",
        "StudioProfileArns lacks arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-elsewhere/*",
    ),
}


@pytest.mark.parametrize(("name", "before", "after", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_broken(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    before: str,
    after: str,
    said: str,
) -> None:
    for path in example.CONFIG.iterdir():
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace(before, after) if path.name == name else text, encoding="utf-8")
    monkeypatch.setattr(example, "CONFIG", tmp_path)
    assert validate.main() == 1
    assert said in capsys.readouterr().err
