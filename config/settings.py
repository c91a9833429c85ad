"""One typed Settings, read once at the start: the environment, then an optional TOML file."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PREFIX = "LTI_PEER_"
WEAK_SECRET_LENGTH = 32
FEWEST_DIFFERENT_CHARACTERS = 10


class SettingsError(Exception):
    """A setting is missing or wrong; the text names each one and says what to do."""


class Settings(BaseSettings):
    """What an administrator decides. Each field is the variable LTI_PEER_<FIELD IN CAPITALS>."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    secret_key: SecretStr
    """At least 32 characters, random; encrypts keys at rest and signs. Never change it lightly."""
    base_url: str = "http://localhost:8000"
    """Where browsers and LMSs reach the tool: scheme, host and port, nothing after."""
    data_dir: Path = Path("data")
    """The folder for the default database and, later, files."""
    database_url: str = ""
    """An SQLAlchemy URL; empty means a SQLite file in the data folder."""
    allow_private_hosts: bool = False
    """Development only: lets LMSs and record stores live on loopback and plain http."""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """How many reverse proxies of yours stand in front and set X-Forwarded-*."""
    worker_in_web: bool = True
    """Run the worker as a thread of `serve`; switch off where `lti-peer worker` runs."""
    web_threads: int = Field(default=8, ge=1, le=64)
    lrs_endpoint: str = ""
    """An outside record store's xAPI address; empty means the embedded record store."""
    lrs_key: str = ""
    lrs_secret: SecretStr = SecretStr("")
    lrs_version: str = Field(default="1.0.3", pattern=r"^(1\.0\.3|2\.0\.0)$")
    metrics_token: SecretStr = SecretStr("")
    """/metrics wants it as a bearer token; while empty, /metrics answers loopback alone."""
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("secret_key")
    @classmethod
    def _strong(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if len(secret) < WEAK_SECRET_LENGTH or len(set(secret)) < FEWEST_DIFFERENT_CHARACTERS:
            raise ValueError(
                "is too weak; make one with: "
                'python -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        return value

    @field_validator("base_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value.rstrip("/"))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
            raise ValueError("must be like https://peer.example.org, without a path")
        return f"{parts.scheme}://{parts.netloc}".lower()

    @field_validator("lrs_endpoint")
    @classmethod
    def _private_line(cls, value: str, info: ValidationInfo) -> str:
        allowed = {"https", "http"} if info.data.get("allow_private_hosts") else {"https"}
        parts = urlsplit(value)
        if value and (parts.scheme not in allowed or not parts.hostname):
            raise ValueError("must be like https://lrs.example.org/xapi; it carries a password")
        return value

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'lti-peer.db').resolve()}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Say in which order sources win: arguments, environment, TOML file."""
        del dotenv_settings, file_secret_settings
        path = os.environ.get(f"{PREFIX}CONFIG")
        toml = (TomlConfigSettingsSource(settings_cls, Path(path)),) if path else ()
        return (init_settings, env_settings, *toml)


def load(**overrides: object) -> Settings:
    """Return the settings from `overrides`, the environment and the file LTI_PEER_CONFIG names.

    Raises SettingsError, which names every setting that is missing or wrong, and never its value.
    """
    path = os.environ.get(f"{PREFIX}CONFIG")
    if path and not Path(path).is_file():
        raise SettingsError(f"{PREFIX}CONFIG names {path}, and there is no such file.")
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as fault:
        lines = [
            _sentence(str(error["loc"][0]), error["type"], error["msg"]) for error in fault.errors()
        ]
        raise SettingsError("\n".join(lines)) from None


def _sentence(field: str, kind: str, message: str) -> str:
    name = f"{PREFIX}{field.upper()}"
    if kind == "missing":
        return (
            f"{name} is missing. Make one with: "
            'python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    own = message.removeprefix("Value error, ")
    return f"{name}: {message}" if own == message else f"{name} {own}."
