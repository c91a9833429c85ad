"""Settings are read once, and a wrong one stops the start by its name and never by its value."""

from pathlib import Path

import factories
import pytest

from config import settings
from config.settings import SettingsError


@pytest.fixture(autouse=True)
def only_these(monkeypatch):
    """Start from an environment with the secret alone."""
    monkeypatch.setenv("LTI_PEER_SECRET_KEY", factories.SECRET)


def refused(**given):
    with pytest.raises(SettingsError) as refusal:
        settings.load(**given)
    return str(refusal.value)


def test_a_secret_is_enough():
    assert settings.load().secret_key.get_secret_value() == factories.SECRET


def test_a_missing_secret_names_itself_and_says_how_to_make_one(monkeypatch):
    monkeypatch.delenv("LTI_PEER_SECRET_KEY")
    assert refused().startswith("LTI_PEER_SECRET_KEY is missing. Make one with: python -c")


@pytest.mark.parametrize("weak", ["", "short", "a" * 64, "abc" * 20])
def test_a_weak_secret_is_refused_without_being_shown(weak):
    words = refused(secret_key=weak)
    assert words.startswith("LTI_PEER_SECRET_KEY is too weak")
    assert not weak or weak not in words


def test_the_secret_is_not_shown_by_accident():
    assert factories.SECRET not in repr(settings.load())


@pytest.mark.parametrize(
    "url", ["peer.example.org", "ftp://peer.example.org", "https://peer.example.org/tool", "https:"]
)
def test_a_base_url_is_an_origin(url):
    assert "LTI_PEER_BASE_URL must be like" in refused(base_url=url)


def test_a_base_url_is_kept_in_small_letters_without_a_slash():
    assert (
        settings.load(base_url="https://Peer.Example.org/").base_url == "https://peer.example.org"
    )


def test_every_wrong_setting_is_named_at_once():
    words = refused(base_url="x", web_threads=0, log_level="LOUD")
    assert {line.split(":")[0].split()[0] for line in words.splitlines()} == {
        "LTI_PEER_BASE_URL",
        "LTI_PEER_WEB_THREADS",
        "LTI_PEER_LOG_LEVEL",
    }


def test_a_record_store_gets_its_password_over_https_alone():
    assert "LTI_PEER_LRS_ENDPOINT" in refused(lrs_endpoint="http://lrs.example/xapi")
    allowed = settings.load(lrs_endpoint="http://127.0.0.1:8100/xapi", allow_private_hosts=True)
    assert allowed.lrs_endpoint == "http://127.0.0.1:8100/xapi"


def test_the_default_database_is_a_file_in_the_data_folder(tmp_path):
    found = settings.load(data_dir=tmp_path)
    assert found.database == f"sqlite:///{tmp_path}/lti-peer.db"


def test_the_environment_wins_over_the_file(monkeypatch, tmp_path):
    file = tmp_path / "lti-peer.toml"
    file.write_text('web_threads = 3\nlog_level = "ERROR"\n')
    monkeypatch.setenv("LTI_PEER_CONFIG", str(file))
    monkeypatch.setenv("LTI_PEER_WEB_THREADS", "5")
    found = settings.load()
    assert (found.web_threads, found.log_level) == (5, "ERROR")


def test_a_misspelt_name_in_the_file_is_refused(monkeypatch, tmp_path):
    file = tmp_path / "lti-peer.toml"
    file.write_text("web_thread = 3\n")
    monkeypatch.setenv("LTI_PEER_CONFIG", str(file))
    assert "LTI_PEER_WEB_THREAD:" in refused()


def test_a_file_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("LTI_PEER_CONFIG", "/no/such.toml")
    assert refused() == "LTI_PEER_CONFIG names /no/such.toml, and there is no such file."


def test_the_example_names_every_setting_there_is():
    example = (Path(settings.__file__).parent / "env.example").read_text()
    names = {f"LTI_PEER_{name.upper()}" for name in settings.Settings.model_fields}
    assert {name for name in names if f"{name}=" not in example} == set()
