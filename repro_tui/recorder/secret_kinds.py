"""What a secret looks like: names that announce one, and values that are recognised by their form.

The forms are those that the issuers document for their own keys. A form that is only "many hexadecimal digits" counts
only under a name that announces a secret, because digests, commits and run ids look the same.
"""

from __future__ import annotations

import re


class Kind:
    """One form of secret value; its expression is compiled when one of its hints was met, since that takes a while."""

    __slots__ = ("_compiled", "_pattern", "hints", "name")

    def __init__(self, name: str, pattern: str, hints: tuple[str, ...]) -> None:
        self.name = name
        """What a person is told: `GitHub token`."""
        self.hints = hints
        """Texts of which one must occur, so that a large file costs one search a kind and not one pattern."""
        self._pattern = pattern
        self._compiled: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """Match the value; a group named `secret` narrows what is cut out."""
        if self._compiled is None:
            self._compiled = re.compile(self._pattern)
        return self._compiled


def _kind(name: str, pattern: str, *hints: str) -> Kind:
    return Kind(name, pattern, hints)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_B = r"(?<![A-Za-z0-9_/+-])"
_E = r"(?![A-Za-z0-9_])"

KINDS: tuple[Kind, ...] = (
    _kind(
        "AWS access key id",
        _B + r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z2-7]{16}" + _E,
        "AKIA",
        "ASIA",
        "ABIA",
        "ACCA",
        "A3T",
    ),
    _kind(
        "GitHub token",
        r"(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{22,255})",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
    ),
    _kind("GitLab token", r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt|ffct)-[A-Za-z0-9_\-.]{16,}", "gl"),
    _kind("Hugging Face token", _B + r"(?:hf|api_org)_[A-Za-z0-9]{20,}", "hf_", "api_org_"),
    _kind("Anthropic key", _B + r"sk-ant-[A-Za-z0-9_-]{16,}", "sk-ant-"),
    _kind(
        "OpenAI or compatible key",
        _B + r"sk-(?!ant-)(?:(?:proj|svcacct|admin|or-v1|lf)-)?"
        r"(?=[A-Za-z0-9_-]*[0-9])(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{20,}",
        "sk-",
    ),
    _kind(
        "Slack token",
        r"xox[abeoprs]-(?:[0-9A-Za-z]{1,24}-)*[0-9A-Za-z-]{10,}|xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+",
        "xox",
        "xapp-",
    ),
    _kind("Slack webhook", r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_+-]{20,}", "hooks.slack.com"),
    _kind("Google API key", _B + r"AIza[0-9A-Za-z_-]{35}", "AIza"),
    _kind(
        "Google OAuth token",
        _B + r"(?:ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}|1//0[0-9A-Za-z_-]{30,})",
        "ya29.",
        "GOCSPX-",
        "1//0",
    ),
    _kind(
        "private key",
        r"-----BEGIN (?:[A-Z0-9 ]+ )?PRIVATE KEY(?: BLOCK)?-----"
        r"(?P<secret>(?:\\[nr]|[\s+>|])+[A-Za-z0-9+/=:,\-\\\s]{20,})",
        "PRIVATE KEY",
    ),
    _kind(
        "PuTTY private key",
        r"PuTTY-User-Key-File-\d: [^\n]*\n(?s:.{0,4000}?)Private-Lines: \d+(?P<secret>(?s:.+))",
        "PuTTY-User-Key-File",
    ),
    _kind("age secret key", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}", "AGE-SECRET-KEY-"),
    _kind("Stripe key", r"(?:[sr]k_(?:live|test)_|whsec_)[0-9A-Za-z]{16,}", "k_live_", "k_test_", "whsec_"),
    _kind("Twilio key", _B + r"(?:SK|AC)[0-9a-f]{32}" + _E, "SK", "AC"),
    _kind("SendGrid key", r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", "SG."),
    _kind("Mailgun key", _B + r"key-[0-9a-f]{32}" + _E, "key-"),
    _kind("npm token", r"npm_[A-Za-z0-9]{30,}", "npm_"),
    _kind("PyPI token", r"pypi-[A-Za-z0-9_-]{32,}", "pypi-"),
    _kind(
        "Azure storage key",
        r"(?i:AccountKey|SharedAccessKey)\s*=\s*(?P<secret>[A-Za-z0-9+/]{40,}={0,2})",
        "ccountKey",
        "ccountkey",
        "AccessKey",
        "accesskey",
    ),
    _kind("Azure shared access signature", r"[?&]sig=(?P<secret>[A-Za-z0-9%+/=_-]{30,})", "sig="),
    _kind("JSON web token", _B + r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}", "eyJ"),
    _kind(
        "password in a URL",
        r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@'\"<>{}$]*:(?P<secret>[^\s/@'\"<>{}$]{2,})@[^\s/]",
        "://",
    ),
    _kind("NVIDIA key", r"nvapi-[A-Za-z0-9_-]{20,}", "nvapi-"),
    _kind("Replicate token", _B + r"r8_[A-Za-z0-9]{30,}", "r8_"),
    _kind("Databricks token", _B + r"(?:dapi|dose|dkea)[0-9a-f]{32}(?:-\d)?" + _E, "dapi", "dose", "dkea"),
    _kind("Telegram bot token", _B + r"(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{32,}", ":AA"),
    _kind("Discord webhook", r"discord(?:app)?\.com/api/webhooks/\d+/[A-Za-z0-9_-]{30,}", "/api/webhooks/"),
    _kind("Discord bot token", _B + r"[MNO][A-Za-z\d_-]{23,25}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,}", "."),
    _kind(
        "Kaggle key",
        r"[\"']username[\"']\s*:\s*[\"'][^\"']*[\"']\s*,\s*[\"']key[\"']\s*:\s*[\"'](?P<secret>[0-9a-f]{32})[\"']",
        "username",
    ),
    _kind(
        "netrc password",
        r"(?m:^[ \t]*machine\s+\S+[ \t\n]+(?:account\s+\S+\s+)?(?:login\s+\S+[ \t\n]+)?password\s+(?P<secret>\S+))",
        "machine",
    ),
    _kind("DigitalOcean token", r"do[opr]_v1_[0-9a-f]{40,}", "_v1_"),
    _kind("Groq key", _B + r"gsk_[A-Za-z0-9]{30,}", "gsk_"),
    _kind("Perplexity key", _B + r"pplx-[A-Za-z0-9]{30,}", "pplx-"),
    _kind("xAI key", _B + r"xai-[A-Za-z0-9]{30,}", "xai-"),
    _kind("W&B key", _B + r"wandb_v\d_[A-Za-z0-9_]{30,}", "wandb_v"),
    _kind("W&B key", r"login\([^)\n]{0,80}key\s*=\s*[\"'](?P<secret>[0-9a-f]{40})[\"']", "login("),
    _kind("LangSmith key", r"lsv2_(?:pt|sk)_[0-9a-f]{32}", "lsv2_"),
    _kind("Doppler token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{30,}", "dp."),
    _kind("HashiCorp Vault token", _B + r"hv[sbr]\.[A-Za-z0-9_-]{24,}", "hvs.", "hvb.", "hvr."),
    _kind("Docker Hub token", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}", "dckr_"),
    _kind("Shopify token", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", "shp"),
    _kind("Linear or Notion key", _B + r"(?:lin_api_|ntn_|secret_)[A-Za-z0-9]{36,}", "lin_api_", "ntn_", "secret_"),
    _kind(
        "bearer token",
        r"(?i:\bbearer)\s+(?P<secret>(?=[A-Za-z0-9._~+/-]*\d)[A-Za-z0-9._~+/-]{16,}=*)",
        "earer ",
        "EARER ",
    ),
    _kind(
        "basic authorization",
        r"(?i:authorization[\"']?\s*[:=]\s*[\"']?basic)\s+(?P<secret>[A-Za-z0-9+/]{8,}={0,2})",
        "asic ",
    ),
    _kind("Docker registry login", r"\"auth\"\s*:\s*\"(?P<secret>[A-Za-z0-9+/]{12,}={0,2})\"", '"auth"'),
)
"""Every form that is recognised by the value alone."""


_STRONG = _set(
    """
    password passwd passphrase passcode pwd pw secret secrets credential credentials creds cred apikey apikeys
    accesskey secretkey privatekey authtoken accesstoken apitoken sshpass pgpassword mysqlpwd
    """
)
_KEY_OWNERS = _set(
    """
    api access secret private auth encryption signing ssh account storage service license wandb openai hf
    huggingface anthropic aws azure gcp google kaggle comet neptune clearml master client app application admin
    deploy shared subscription consumer hmac gpg pgp rsa ed25519 aes fernet jwt user host webhook cohere mistral
    groq gemini replicate together serpapi tavily pinecone langchain langsmith stripe sendgrid twilio nvidia ngc
    mlflow swanlab
    """
)
_TOKEN_HARMLESS = _set(
    """
    pad eos bos sos unk mask cls sep image img audio video special start end begin stop additional per next
    first last max min num n prefix suffix decoder encoder forced new boi eoi think thinking blank space each
    prompt tool class cost time current prev previous by sub extra null empty dummy separator sentinel query
    visual text word go pooling pooler pool mean learnable global local top eod eot bot im system assistant
    target source src tgt lang language ms us tokens_per seconds second loss single multi one every attention
    sink newline delimiter placeholder
    """
)
_PASS_HARMLESS = _set(
    """
    forward backward first second third single two multi one num n max min band low high all by each per full
    final encoder decoder current last next dry bandpass
    """
)
_ABOUT = _set(
    """
    length len size dim dims file path dir folder name names type policy min max count num field column prompt
    env var label ttl expiry expires expiration rotation enabled manager strength regex pattern id ids index idx
    rate dropout scheme
    """
)
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def announces_secret(name: str) -> str:
    """Tell how a name announces a secret: `strong` (password, api_key), `weak` (token, auth), or an empty text.

    Words of machine learning that look alike (`max_tokens`, `pad_token_id`, `key_dim`, `first_pass`) announce none.
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words:
        return ""
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in {"value", "val", "str", "string", "plain", "prod", "dev", "test", "ro", "rw", "default"} and before:
        return announces_secret("_".join(words[:-1]))
    if (last == "key" and before in _KEY_OWNERS) or words[-3:] == ["access", "key", "id"]:
        return "strong"
    if last in _ABOUT:
        return ""
    if any(word in _STRONG for word in words):
        return "" if before in {"n", "num"} else "strong"
    return _weak(words, last, before)


def _weak(words: list[str], last: str, before: str) -> str:
    """Judge the words that mean a secret in one field and something harmless in another."""
    if last == "token":
        return "" if before in _TOKEN_HARMLESS else "weak"
    if last == "tokens" and before in {"auth", "access", "api", "bearer", "refresh"}:
        return "weak"
    if last == "pass":
        if before in {
            "db",
            "user",
            "smtp",
            "mail",
            "email",
            "sql",
            "login",
            "root",
            "admin",
            "ssh",
            "ftp",
            "http",
            "proxy",
        }:
            return "strong"
        return "" if before in _PASS_HARMLESS else "weak"
    if last in {"auth", "authorization", "bearer", "dsn", "webhook", "cookie", "otp", "totp"}:
        return "weak"
    if words[0] == "token" and len(words) == 2 and words[1] in _KEY_OWNERS | {"github", "gitlab", "pypi", "npm"}:  # noqa: PLR2004 - TOKEN_GITHUB
        return "weak"
    if last == "key" and words[:-1] and any(word in {"api", "secret", "private"} for word in words):
        return "strong"
    return ""
