"""A commit that an owner signs is an approval of the files that it has."""

# ruff: noqa: E501 (a row of a table is one line)

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner
from small_charter import FILES

from mlcharter.charter import allowed_signers
from mlcharter.cli import cli
from mlcharter.support.files import Folder

PACK, SIGNERS = "docs/eval_pack.md", allowed_signers.PATH
PEOPLE = ("ada", "grace", "mallory")
TEAMS = 'teams: {"@acme/fraud": ["@ada", "grace@acme.example"], "@acme/leads": ["@grace"]}\n'
NEEDS = "needs the approval of @acme/fraud"
APPROVED = "approved by @acme/fraud"
UNSIGNED = f"no key in {SIGNERS} at the base signed the last commit"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name in PEOPLE:
        words = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name)
        subprocess.run(words, check=True)
    return {name: folder / name for name in PEOPLE}


class Repository:
    """A repository whose base accepts the keys of two owners, and a branch for the change."""

    def __init__(self, root: Path, keys: dict[str, Path]) -> None:
        self.root, self.keys = root, keys
        self.public = {
            name: " ".join(path.with_suffix(".pub").read_text().split()[:2])
            for name, path in keys.items()
        }
        for path, text in FILES.items():
            self.write(path, text)
        self.write(".mlcharter.yml", FILES[".mlcharter.yml"] + TEAMS)
        self.git("init", "--quiet", "--initial-branch=main")
        self.signers(
            f"@ada {self.public['ada']}", f"@grace,grace@acme.example {self.public['grace']}"
        )

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def signers(self, *lines: str) -> None:
        """Write the keys of the base, and commit it; then begin the branch of the change."""
        self.write(SIGNERS, "".join(f"{line}\n" for line in lines))
        self.git("switch", "--quiet", "--force-create", "main")
        self.commit()
        self.git("switch", "--quiet", "--force-create", "change")

    def commit(self, signed_by: str = "", **environment: str) -> str:
        options = ["-c", "gpg.format=ssh", "-c", "gpg.ssh.program=ssh-keygen"]
        sign = [f"--gpg-sign={self.keys[signed_by]}"] if signed_by else ["--no-gpg-sign"]
        self.git("add", "--all")
        words = ["git", *options, "commit", "--quiet", "--allow-empty", "--message=State", *sign]
        environment = os.environ | environment
        subprocess.run(words, cwd=self.root, check=True, capture_output=True, env=environment)
        return self.git("rev-parse", "HEAD")

    def lower(self, threshold: str = "0.8") -> None:
        self.write(PACK, FILES[PACK].replace("threshold: 0.9\n", f"threshold: {threshold}\n"))

    def diff(self, *words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["diff", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, result.output


@pytest.fixture
def made(tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name in [name for name in os.environ if name.startswith(("GITHUB_", "CI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "fraud"
    root.mkdir()
    monkeypatch.chdir(root)
    return Repository(root, keys)


Step: TypeAlias = "Callable[[Repository], object]"


def signed_change(made: Repository) -> None:
    made.lower()
    made.commit("ada")


def signed_on_top(made: Repository) -> None:
    made.lower()
    made.commit()
    made.commit("grace")


def signed_below_an_empty_commit(made: Repository) -> None:
    signed_change(made)
    made.commit()


@pytest.mark.parametrize("step", [signed_change, signed_on_top, signed_below_an_empty_commit])
def test_an_owner_approves_the_files_of_the_commit_that_they_sign(
    made: Repository, step: Step
) -> None:
    step(made)

    code, printed = made.diff()

    assert (code, APPROVED in printed) == (0, True), printed


def test_two_owners_approve_their_files_by_a_commit_each(made: Repository) -> None:
    """Only @acme/leads, which is @grace, owns the settings."""
    made.lower()
    made.write(".mlcharter.yml", (made.root / ".mlcharter.yml").read_text().replace("90", "120"))
    made.commit("ada")
    assert made.diff()[0] == 1
    made.commit("grace")

    assert made.diff()[0] == 0


# Attacks: each changes the threshold, and no owner approved it.


def nobody(made: Repository) -> None:
    made.lower()
    made.commit()


def a_key_that_no_owner_has(made: Repository) -> None:
    made.lower()
    made.commit("mallory")


def a_key_that_the_change_adds(made: Repository) -> None:
    made.lower()
    made.write(SIGNERS, f"@ada {made.public['mallory']}\n")
    made.commit("mallory")


def a_key_of_the_settings_of_the_repository(made: Repository) -> None:
    made.lower()
    made.commit("mallory")
    made.write(".git/signers", f"key-0 {made.public['mallory']}\n")
    made.git("config", "gpg.ssh.allowedSignersFile", str(made.root / ".git/signers"))


def a_program_of_the_repository(made: Repository) -> None:
    """It would say that every signature is good."""
    made.write(
        ".git/verify", "#!/bin/sh\ntouch ran\necho 'Good \"git\" signature for key-0 with x'\n"
    )
    (made.root / ".git/verify").chmod(0o755)
    a_key_that_no_owner_has(made)
    for key in ("gpg.program", "gpg.ssh.program", "gpg.openpgp.program", "gpg.x509.program"):
        made.git("config", key, str(made.root / ".git/verify"))


def a_signature_of_older_files(made: Repository) -> None:
    made.lower("0.85")
    made.commit("ada")
    made.lower()
    made.commit()


def a_signature_below_a_detour(made: Repository) -> None:
    """The files are those that were signed, but not all commits since then have them."""
    signed_change(made)
    made.lower("0.7")
    made.commit()
    made.lower()
    made.commit()


def a_signature_that_is_part_of_the_base(made: Repository) -> None:
    """The base had these files once, signed; the branch begins there."""
    signed_change(made)
    old = made.git("rev-parse", "HEAD")
    made.write(PACK, FILES[PACK])
    made.git("switch", "--quiet", "--force-create", "main")
    made.commit("ada")
    made.git("switch", "--quiet", "--force-create", "change", old)
    made.commit()


def a_merge_whose_second_parent_is_signed(made: Repository) -> None:
    """The files of the merge are others, and no host says that it made the merge."""
    made.write("README.md", "Harmless.\n")
    signed = made.commit("ada")
    made.git("reset", "--quiet", "--hard", "main")
    made.lower()
    made.git("add", "--all")
    tree = made.git("write-tree")
    merge = made.git("commit-tree", tree, "-p", "main", "-p", signed, "-m", "Merge")
    made.git("reset", "--quiet", "--hard", merge)


def a_replaced_commit(made: Repository) -> None:
    """A replace ref shows a signed commit in place of the last one."""
    signed_change(made)
    signed = made.git("rev-parse", "HEAD")
    made.git("reset", "--quiet", "--hard", "main")
    made.lower()
    made.commit()
    made.git("replace", "HEAD", signed)


def uncommitted_changes(made: Repository) -> None:
    made.write("README.md", "Harmless.\n")
    made.commit("ada")
    made.lower()


def an_untracked_document(made: Repository) -> None:
    signed_change(made)
    made.write("docs/other.md", "# Other\n\nOwner: @mallory\n")


def a_copied_signature(made: Repository) -> None:
    """The signature of another commit is put into this one."""
    made.write("README.md", "Harmless.\n")
    made.commit("ada")
    signed = made.git("cat-file", "commit", "HEAD").split("\n")
    made.git("reset", "--quiet", "--hard", "main")
    nobody(made)
    own = made.git("cat-file", "commit", "HEAD").split("\n")
    at = next(n for n, line in enumerate(signed) if line.startswith("gpgsig"))
    end = next(n for n in range(at + 1, len(signed)) if not signed[n].startswith(" "))
    text = "\n".join([*own[:at], *signed[at:end], *own[at:]]) + "\n"
    words = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    done = subprocess.run(
        words, cwd=made.root, input=text, check=True, capture_output=True, text=True
    )
    made.git("reset", "--quiet", "--hard", done.stdout.strip())


def keys_of_the_base(*lines: str) -> Step:
    def step(made: Repository) -> None:
        made.signers(*(line.format(**made.public) for line in lines))
        signed_change(made)

    return step


def backdated(made: Repository) -> None:
    """The key ended; the author writes a date before that into the commit."""
    made.signers(f'@ada valid-before="20260101" {made.public["ada"]}')
    made.lower()
    date = "2025-06-01T12:00:00Z"
    made.commit("ada", GIT_COMMITTER_DATE=date, GIT_AUTHOR_DATE=date)


@pytest.mark.hostile("approvals by signature")
@pytest.mark.parametrize(
    "step",
    [
        nobody,
        a_key_that_no_owner_has,
        a_key_that_the_change_adds,
        a_key_of_the_settings_of_the_repository,
        a_program_of_the_repository,
        a_signature_of_older_files,
        a_signature_below_a_detour,
        a_signature_that_is_part_of_the_base,
        a_merge_whose_second_parent_is_signed,
        a_replaced_commit,
        uncommitted_changes,
        an_untracked_document,
        a_copied_signature,
        backdated,
        keys_of_the_base("@stranger {ada}"),
        keys_of_the_base('@ada valid-before="20260101" {ada}'),
        keys_of_the_base('@ada valid-after="22000101" {ada}'),
        keys_of_the_base('@ada namespaces="file" {ada}'),
        keys_of_the_base("@ada cert-authority {ada}"),
        keys_of_the_base("@a* {ada}"),
        keys_of_the_base("*,@ada {ada}"),
        keys_of_the_base("@ada {grace}"),
        keys_of_the_base("#@ada {ada}"),
        keys_of_the_base("@ada {ada}x"),
        keys_of_the_base("@ada unknown-option {ada}"),
        keys_of_the_base('"@ada {ada}'),
    ],
)  # fmt: skip
def test_without_the_signature_of_an_owner_on_these_files_it_fails(
    made: Repository, step: Step
) -> None:
    step(made)

    code, printed = made.diff("main")

    assert (code, NEEDS in printed, APPROVED in printed) == (1, True, False), printed
    assert not (made.root / "ran").exists()


def test_a_key_that_the_change_adds_needs_an_approval_itself(made: Repository) -> None:
    a_key_that_the_change_adds(made)

    _, printed = made.diff()

    assert f"{SIGNERS}:1: weakens: key of approver `@ada`: added: SHA256:" in printed
    assert printed.splitlines()[-1] == UNSIGNED


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ('@ada namespaces="git,file" {ada} on a laptop', True),
        ('"@ada,ada@acme.example" valid-after="20260101",valid-before="22000101Z" {ada}', True),
        ("@ADA {ada}", True),
        ("@bo,@ada {ada}", True),
    ],
)
def test_lines_of_ssh_keygen_are_read(made: Repository, line: str, counts: bool) -> None:
    keys_of_the_base(line)(made)

    assert (made.diff()[0] == 0) is counts


@pytest.mark.parametrize(("author", "code"), [("ada", 1), ("Ada", 1), ("mallory", 0)])
def test_the_author_of_a_pull_request_does_not_approve_it_by_signing(
    made: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, author: str, code: int
) -> None:
    """As on GitHub, where nobody can approve a pull request of their own."""
    signed_change(made)
    as_pull_request(made, monkeypatch, tmp_path, author)

    found, printed = made.diff()

    assert found == code
    assert ("the signature of the author" in printed) == (code == 1)
    made.commit("grace")
    as_pull_request(made, monkeypatch, tmp_path, author)
    assert made.diff()[0] == 0


def as_pull_request(
    made: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, author: str
) -> None:
    """Set what GitHub sets; HEAD stays the head of the pull request."""
    heads = {
        "base": {"sha": made.git("rev-parse", "main")},
        "head": {"sha": made.git("rev-parse", "HEAD")},
    }
    event = {"pull_request": {**heads, "user": {"login": author}, "commits": 1}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(tmp_path / "event.json"))


def test_in_the_merge_commit_of_a_host_the_signature_of_its_head_counts(
    made: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    signed_change(made)
    as_pull_request(made, monkeypatch, tmp_path, "mallory")
    made.git("switch", "--quiet", "main")
    made.write("README.md", "Something else.\n")
    made.commit()
    made.git("merge", "--quiet", "--no-ff", "--no-edit", "--no-gpg-sign", "change")
    assert made.diff()[0] == 0

    event = json.loads((tmp_path / "event.json").read_text())
    event["pull_request"]["head"]["sha"] = "0" * 40
    (tmp_path / "event.json").write_text(json.dumps(event))
    made.git("reset", "--quiet", "--hard", "HEAD")
    assert made.diff("HEAD^1")[0] == 1


# In a queue, a host merges the head of each request into the merge before it, and tests that.


def queue(made: Repository, *branches: str) -> list[str]:
    """Merge branches as a queue does, into a main branch that has moved; return its commits."""
    made.git("switch", "--quiet", "--force-create", "queue", "main")
    made.write("README.md", "Something else.\n")
    commits = [made.commit()]
    for branch in branches:
        made.git("merge", "--quiet", "--no-ff", "--no-edit", "--no-gpg-sign", branch)
        commits.append(made.git("rev-parse", "HEAD"))
    return commits


def as_merge_group(
    made: Repository, monkeypatch: pytest.MonkeyPatch, folder: Path, base: str, pull: object
) -> tuple[str, ...]:
    """Set what GitHub sets; return the options with what its API says about the pull request."""
    group = {"base_sha": base, "head_sha": made.git("rev-parse", "HEAD")}
    (folder / "event.json").write_text(json.dumps({"merge_group": group}))
    (folder / "pull.json").write_text(json.dumps(pull))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(folder / "event.json"))
    return ("--approvals", str(folder / "pull.json"))


def as_merge_train(
    made: Repository, monkeypatch: pytest.MonkeyPatch, folder: Path, base: str, pull: Any
) -> tuple[str, ...]:
    """Set what GitLab sets; it says who the author is only to those who have a token."""
    monkeypatch.setenv("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", made.git("rev-parse", "main"))
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", made.git("rev-parse", "main"))
    monkeypatch.setenv("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", pull["head"]["sha"])
    return ()


HOSTS = [as_merge_group, as_merge_train]
Host: TypeAlias = "Callable[..., tuple[str, ...]]"


def pull_of(head: str, author: str = "mallory") -> dict[str, Any]:
    return {"head": {"sha": head}, "user": {"login": author}}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    ("step", "code"),
    [
        (signed_change, 0),
        (signed_on_top, 0),
        (signed_below_an_empty_commit, 0),
        (nobody, 1),
        (a_key_that_no_owner_has, 1),
        (a_key_that_the_change_adds, 1),
        (a_signature_of_older_files, 1),
    ],
)
def test_in_a_queue_the_signature_of_the_head_counts(
    made: Repository,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    host: Host,
    step: Step,
    code: int,
) -> None:
    step(made)
    head = made.git("rev-parse", "HEAD")
    base, _ = queue(made, "change")
    options = host(made, monkeypatch, tmp_path, base, pull_of(head))

    found, printed = made.diff(*options)

    assert (found, APPROVED in printed) == (code, code == 0), printed


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(("signed_by", "code"), [("grace", 0), ("", 1)])
def test_behind_another_merge_of_the_queue_only_the_own_change_is_judged(
    made: Repository,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    host: Host,
    signed_by: str,
    code: int,
) -> None:
    """The first lowers a threshold, which @ada approves; the second removes a gate's bound."""
    signed_change(made)
    made.git("switch", "--quiet", "--force-create", "other", "main")
    made.write(PACK, FILES[PACK].replace("min_n: 400", "min_n: 40"))
    head = made.commit(signed_by)
    _, first, _ = queue(made, "change", "other")
    options = host(made, monkeypatch, tmp_path, first, pull_of(head))

    found, printed = made.diff(*options)

    assert found == code, printed
    assert "threshold" not in printed
    assert 'gates "recall-min" min_n: 400 → 40' in printed


def test_in_a_merge_group_the_signature_of_the_author_does_not_count(
    made: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    signed_change(made)
    head = made.git("rev-parse", "HEAD")
    base, _ = queue(made, "change")

    options = as_merge_group(made, monkeypatch, tmp_path, base, pull_of(head, "Ada"))

    code, printed = made.diff(*options)
    assert (code, "the signature of the author Ada does not count" in printed) == (1, True)


@pytest.mark.parametrize("host", HOSTS)
def test_a_merge_of_another_head_than_the_host_names_counts_for_nothing(
    made: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: Host
) -> None:
    """Its second parent is signed, but the files of the merge are others."""
    a_merge_whose_second_parent_is_signed(made)
    head = made.git("rev-parse", "HEAD")
    options = host(made, monkeypatch, tmp_path, made.git("rev-parse", "main"), pull_of(head))

    assert made.diff(*options)[0] == 1


def test_a_queue_that_squashes_leaves_no_signature(
    made: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    signed_change(made)
    head = made.git("rev-parse", "HEAD")
    (base,) = queue(made)
    made.git("merge", "--quiet", "--squash", "change")
    made.commit()

    code, printed = made.diff(*as_merge_group(made, monkeypatch, tmp_path, base, pull_of(head)))

    assert (code, printed.splitlines()[-1]) == (1, UNSIGNED)


def test_staged_content_is_in_no_signed_commit(made: Repository) -> None:
    made.commit("ada")
    made.lower()
    made.git("add", "--all")

    assert made.diff("--staged")[0] == 1


def test_the_fingerprint_is_that_of_ssh_keygen(made: Repository, keys: dict[str, Path]) -> None:
    words = ["ssh-keygen", "-l", "-f", str(keys["ada"].with_suffix(".pub"))]
    printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout

    assert allowed_signers.read(Folder(made.root))[0].fingerprint == printed.split()[1]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("@ada {ada}", "@ada {ada}\n@bo {mallory}", "weakens: key of approver `@bo`: added:"),
        ("@ada {ada}\n@bo {grace}", "@ada {ada}", "1 tighten"),
        ("@ada {ada}", "@ada,@bo {ada}", "weakens: key of approver `@bo`: added:"),
        ('@ada valid-before="20270101" {ada}', '@ada valid-before="20280101" {ada}', "weakens: key of approver `@ada` valid-before: 2027-01-01 00:00 → 2028-01-01 00:00"),
        ('@ada valid-before="20270101" {ada}', "@ada {ada}", "weakens: key of approver `@ada` valid-before: removed:"),
        ('@ada valid-after="20270101" {ada}', '@ada valid-after="20260101" {ada}', "weakens: key of approver `@ada` valid-after: 2027-01-01 00:00 → 2026-01-01 00:00"),
        ("@ada {ada}", '@ada valid-before="20270101" {ada}', "1 tighten"),
    ],
)  # fmt: skip
def test_whose_key_counts_is_compared(
    made: Repository, before: str, after: str, expected: str
) -> None:
    made.signers(before.format(**made.public))
    made.write(SIGNERS, after.format(**made.public) + "\n")

    assert expected in made.diff()[1]
