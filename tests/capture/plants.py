"""Secrets of every kind, made up: put together here so that no scanner of repositories takes them for real ones."""

from __future__ import annotations

import hashlib
import string

_LETTERS = string.ascii_letters + string.digits


def made(seed: str, length: int, alphabet: str = _LETTERS) -> str:
    """Make a text that looks random and is the same every time."""
    numbers = hashlib.shake_256(seed.encode()).digest(length)
    return "".join(alphabet[n % len(alphabet)] for n in numbers)


def hexed(seed: str, length: int) -> str:
    """Make hexadecimal digits."""
    return made(seed, length, "0123456789abcdef")


VALUES: dict[str, str] = {
    "aws id": "AK" + "IA" + made("aws", 16, string.ascii_uppercase + "234567"),
    "github": "gh" + "p_" + made("github", 36),
    "github oauth": "gh" + "o_" + made("gho", 36),
    "github fine": "github" + "_pat_" + made("fine", 82),
    "gitlab": "glp" + "at-" + made("gitlab", 20),
    "hugging face": "h" + "f_" + made("hf", 34, string.ascii_letters),
    "openai": "s" + "k-" + made("openai", 48),
    "openai project": "s" + "k-proj-" + made("proj", 60),
    "anthropic": "s" + "k-ant-api03-" + made("ant", 80),
    "slack": "xo" + "xb-" + made("s1", 12, "0123456789") + "-" + made("slack", 24),
    "google": "AI" + "za" + made("google", 35),
    "stripe": "sk_" + "live_" + made("stripe", 24),
    "twilio": "S" + "K" + hexed("twilio", 32),
    "sendgrid": "S" + "G." + made("sg1", 22) + "." + made("sg2", 43),
    "npm": "np" + "m_" + made("npm", 36),
    "pypi": "py" + "pi-AgEIcHlwaS5vcmc" + made("pypi", 80),
    "jwt": "ey" + "J" + made("j1", 20) + ".ey" + "J" + made("j2", 40) + "." + made("j3", 43),
    "nvidia": "nv" + "api-" + made("nv", 64),
    "replicate": "r" + "8_" + made("r8", 37),
    "databricks": "da" + "pi" + hexed("dapi", 32),
    "telegram": made("tg", 10, "123456789") + ":AA" + made("tg2", 33),
    "discord hook": "https://discord" + ".com/api/webhooks/" + made("d", 18, "123456789") + "/" + made("dh", 68),
    "slack hook": "https://hooks.slack.com/services/T" + made("sh", 8) + "/B" + made("sh2", 8) + "/" + made("sh3", 24),
    "url": "postgres://admin:" + made("url", 14) + "@db.example.org/x",
    "vault": "hv" + "s." + made("vault", 24),
    "digitalocean": "do" + "p_v1_" + hexed("do", 64),
    "groq": "gs" + "k_" + made("groq", 52),
    "docker": "dckr" + "_pat_" + made("dckr", 27),
    "langsmith": "lsv2" + "_pt_" + hexed("ls", 32),
}
"""Secrets that their form gives away, by what they are."""

NAMED: dict[str, str] = {
    "WANDB_API_KEY": hexed("wandb", 40),
    "AWS_SECRET_ACCESS_KEY": made("aws2", 40, _LETTERS + "/+"),
    "OPENAI_API_KEY": made("oa", 20),
    "DB_PASSWORD": made("db", 12),
    "KAGGLE_KEY": hexed("kaggle", 32),
    "COMET_API_KEY": made("comet", 25),
    "NEPTUNE_API_TOKEN": made("nept", 60) + "==",
    "AZURE_STORAGE_ACCOUNT_KEY": made("azure", 86) + "==",
    "client_secret": made("cs", 30),
    "auth_token": made("at", 22),
    "smtp_pass": made("sp", 10),
    "MLFLOW_TRACKING_PASSWORD": made("mlf", 16),
}
"""Secrets that only their name gives away."""

BLOCKS: dict[str, tuple[str, str]] = {
    "pem": (
        "-----BEGIN RSA PRIV" + "ATE KEY-----\n{}\n-----END RSA PRIV" + "ATE KEY-----\n",
        made("pem", 64, _LETTERS + "+/"),
    ),
    "openssh": (
        "-----BEGIN OPENSSH PRIV" + "ATE KEY-----\n{}\n-----END OPENSSH PRIV" + "ATE KEY-----\n",
        "b3BlbnNzaC1rZXk" + made("ssh", 50),
    ),
    "google service account": (
        '{{"type": "service_account", "private_key": "-----BEGIN PRIV' + 'ATE KEY-----\\n{}\\n"}}\n',
        made("gcp", 64, _LETTERS + "+/"),
    ),
    "kaggle": ('{{"username":"someone","key":"{}"}}\n', hexed("kj", 32)),
    "netrc": ("machine api.wandb.ai\n  login user\n  password {}\n", hexed("netrc", 40)),
    "docker login": ('{{"auths": {{"registry": {{"auth": "{}"}}}}}}\n', made("reg", 40)),
    "bearer": ("Authorization: Bearer {}\n", made("bearer", 30) + "7"),
}
"""Secrets that a file holds in a form of its own: a template, and the secret part."""

HARMLESS = (
    "tokenizer=bert",
    "max_tokens: 512",
    "num_tokens = 1024",
    'pad_token = "<pad>"',
    "tokenizer.pad_token = tokenizer.eos_token",
    "pad_token_id: 0",
    "--key-dim 64",
    "key_size=32",
    "key_padding_mask=mask",
    'special_tokens = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}',
    'cls_token="[CLS]", mask_token="[MASK]"',
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "commit 5d41402abc4b2a76b9719d911017c592aabbccdd",
    'md5 = "d41d8cd98f00b204e9800998ecf8427e"',
    'api_key = os.environ["OPENAI_API_KEY"]',
    "token = tokenizer.decode(ids)",
    "auth_token=args.auth_token,",
    "password = getpass.getpass()",
    'api_key = "YOUR_API_KEY"',
    'API_KEY="your-key-here"',
    'password = "${DB_PASSWORD}"',
    "password: <your password>",
    'parser.add_argument("--api-key", help="key of the service that is asked")',
    'sort_key = "validation_loss"',
    'primary_key: "user_id"',
    'key = "encoder.layers.0.weight"',
    "first_pass = True",
    "num_passes: 3",
    "author: Ada Lovelace",
    "secret_santa_rounds = 3",
    "for token in tokens:",
    'if token == "hello":',
    "use_auth_token=True",
    "https://example.org:8080/a@b",
    "git@github.com:someone/project.git",
    "ssh://git@github.com/someone/project.git",
    'state_dict["token_embedding.weight"]',
    "run-20261123_101503-a1b2c3d4",
    "sk-learn-contrib-imbalanced-learn-package",
    "s3://bucket/key-with-a-long-name/part-00001-of-00010.parquet",
    "task-specific-tokenization-of-long-words",
    'names = ["password", "token", "api_key"]',
    'SECRET_NAMES = ("api_key", "access_token")',
    '{"token": "the", "logprob": -0.1}',
    "loss=0.123 acc=0.97 lr=1e-3",
    "class PasswordField(Field):",
    "def forward(self, query, key, value):",
    'raise ValueError("password must not be empty")',
    "password_file: ~/.config/pass.txt",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  train.csv",
)
"""Texts that look a little like secrets and must pass."""
