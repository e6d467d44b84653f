import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from portal.command_line import parse
from portal.errors import SettingRefused
from portal.settings import PROJECT, Settings, describe


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_environment({})
    assert (settings.host, settings.port, settings.threads) == ("127.0.0.1", 8000, 32)
    assert (settings.predictions, settings.queue) == (2, 16)
    assert settings.max_upload_bytes == 32 * 2**20
    assert settings.checkpoints == PROJECT / "models" / "checkpoints"


def test_every_setting_is_read(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "HOST": "0.0.0.0",
            "PORT": " 9000 ",
            "THREADS": "2",
            "PREDICTIONS": "3",
            "QUEUE": "4",
            "MAX_UPLOAD_MB": "1",
            "CHECKPOINTS": str(tmp_path / "models"),
            "UPLOAD_DIR": str(tmp_path / "uploads"),
            "CACHE_DIR": str(tmp_path / "cache"),
            "PRECISION": "bf16",
            "AUTH_FILE": str(tmp_path / "accounts"),
            "SECRET_KEY": "k" * 32,
            "ALLOW_ANONYMOUS": "1",
            "TRUSTED_HOSTS": "a.example, b.example",
            "PROXIES": "2",
            "UPLOADS_PER_MINUTE": "60",
            "UNRELATED": "x",
        }
    )
    assert settings == Settings(
        host="0.0.0.0",
        port=9000,
        threads=2,
        predictions=3,
        queue=4,
        max_upload_mb=1,
        checkpoints=tmp_path / "models",
        upload_dir=tmp_path / "uploads",
        cache_dir=tmp_path / "cache",
        precision="bf16",
        auth_file=tmp_path / "accounts",
        secret_key="k" * 32,
        allow_anonymous=1,
        trusted_hosts="a.example, b.example",
        proxies=2,
        uploads_per_minute=60,
    )
    assert settings.upload_folder == tmp_path / "uploads"
    assert settings.cache_folder == tmp_path / "cache"


@pytest.mark.parametrize(
    ("variable", "text", "received"),
    [
        ("HOST", "0", "0"),
        ("HOST", "a..b", "a..b"),
        ("HOST", "http://127.0.0.1", "http://127.0.0.1"),
        ("TRUSTED_HOSTS", "https://a.example", "https://a.example"),
        ("TRUSTED_HOSTS", "b.example, a.example:443", "a.example:443"),
        ("TRUSTED_HOSTS", "*", "*"),
    ],
)
def test_what_names_no_host_is_refused(variable: str, text: str, received: str) -> None:
    with pytest.raises(SettingRefused, match=f"Expected {variable} as a host's name") as why:
        Settings.from_environment({variable: text})
    assert why.value.received == repr(received)


def test_a_home_folder_that_nobody_has_is_refused() -> None:
    with pytest.raises(SettingRefused, match="Expected CACHE_DIR as a path") as why:
        Settings.from_environment({"CACHE_DIR": "~no-such-user/cache"})
    assert "no-such-user" in why.value.received


def test_an_empty_variable_is_not_set() -> None:
    assert Settings.from_environment({"PORT": "", "UPLOAD_DIR": " "}) == Settings()


def test_a_relative_folder_is_made_absolute() -> None:
    settings = Settings.from_environment({"CHECKPOINTS": "elsewhere"})
    assert settings.checkpoints == Path.cwd() / "elsewhere"


@pytest.mark.parametrize("name", ["PORT", "THREADS", "PREDICTIONS", "QUEUE", "MAX_UPLOAD_MB"])
@pytest.mark.parametrize("text", ["0", "-1", "65536000", "8,000", "eight", "8.5", "٣"])
def test_a_number_that_cannot_be_used_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingRefused, match=f"Expected {name} as a whole number from 1 to") as why:
        Settings.from_environment({name: text})
    assert re.search(re.escape(text), why.value.received)
    assert name in why.value.action


@pytest.mark.parametrize("text", ["f16", "BF16", "32"])
def test_a_precision_that_is_not_offered_is_refused(text: str) -> None:
    with pytest.raises(SettingRefused, match="Expected PRECISION as f32 or bf16 or int8") as why:
        Settings.from_environment({"PRECISION": text})
    assert why.value.received == text


def test_a_short_secret_is_refused_and_no_secret_is_printed() -> None:
    with pytest.raises(SettingRefused, match="SECRET_KEY as at least 32 characters") as why:
        Settings.from_environment({"SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(why.value)
    assert "kkkk" not in repr(Settings(secret_key="k" * 32))


def test_a_secret_of_bytes_that_are_no_text_is_refused() -> None:
    key = os.fsdecode(b"\xff" + b"k" * 40)
    with pytest.raises(SettingRefused, match="received bytes that are no UTF-8") as why:
        Settings.from_environment({"SECRET_KEY": key})
    assert "kkkk" not in str(why.value)


def test_a_portal_answers_to_its_own_names_and_to_those_it_is_told() -> None:
    own = {"localhost", "127.0.0.1", "::1"}
    assert Settings().hosts == own
    assert Settings(host="192.0.2.1").hosts == own | {"192.0.2.1"}
    assert Settings(trusted_hosts=" A.example,,b.example ").hosts == own | {
        "a.example",
        "b.example",
    }
    assert Settings(host="0.0.0.0").hosts is Settings(host="::0").hosts is None
    assert Settings(host="0.0.0.0", trusted_hosts="a.example").hosts == own | {"a.example"}


def test_an_address_is_compared_as_browsers_write_it() -> None:
    settings = Settings(host="2001:DB8::0001", trusted_hosts="0:0:0:0:0:0:0:2")
    assert settings.hosts == {"localhost", "127.0.0.1", "::1", "2001:db8::1", "::2"}


def test_the_default_cache_is_in_the_users_own_place() -> None:
    assert Settings().cache_folder == Path.home() / ".cache" / "breast-portal"


def test_settings_check_themselves() -> None:
    with pytest.raises(SettingRefused, match="PORT"):
        Settings(port=70000)


def test_the_default_upload_folder_is_ones_own() -> None:
    folder = Settings().upload_folder
    assert folder.name.startswith("breast-portal-")
    assert folder.parent in {Path("/dev/shm"), Path(tempfile.gettempdir())}


def test_a_start_knows_every_place_in_which_uploads_may_lie(tmp_path: Path) -> None:
    small, large = Settings(predictions=1, max_upload_mb=1), Settings(predictions=64)
    chosen = Settings(upload_dir=tmp_path)
    assert {small.upload_folder, large.upload_folder} <= set(small.upload_folders)
    assert {tmp_path, small.upload_folder, large.upload_folder} <= set(chosen.upload_folders)


def test_uploads_that_do_not_fit_in_memory_go_to_the_temporary_folder() -> None:
    settings = Settings(predictions=64, max_upload_mb=1024)
    assert settings.upload_folder.parent == Path(tempfile.gettempdir())


def test_uploads_stay_in_memory_where_that_has_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    unlimited = shutil.disk_usage("/dev/shm")._replace(total=0, used=0, free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: unlimited)
    assert Settings(predictions=64, max_upload_mb=1024).upload_folder.parent == Path("/dev/shm")


def test_every_setting_describes_itself() -> None:
    rows = describe()
    assert [name for name, _, _ in rows] == [
        "HOST",
        "PORT",
        "THREADS",
        "PREDICTIONS",
        "QUEUE",
        "MAX_UPLOAD_MB",
        "CHECKPOINTS",
        "GATES",
        "UPLOAD_DIR",
        "CACHE_DIR",
        "PRECISION",
        "AUTH_FILE",
        "SECRET_KEY",
        "ALLOW_ANONYMOUS",
        "TRUSTED_HOSTS",
        "PROXIES",
        "UPLOADS_PER_MINUTE",
    ]
    assert all(text.endswith(".") for _, _, text in rows)
    assert ("CHECKPOINTS", "models/checkpoints") in [row[:2] for row in rows]


def test_a_short_secret_is_refused_and_none_is_printed() -> None:
    with pytest.raises(SettingRefused) as refused:
        Settings(secret_key="hush")
    assert "at least 32 characters" in str(refused.value)
    assert "hush" not in str(refused.value)
    assert "hush" not in repr(Settings(secret_key="hush" * 8))


def test_help_tells_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    for variable, _, description in describe():
        assert f"{variable} {description}" in told
