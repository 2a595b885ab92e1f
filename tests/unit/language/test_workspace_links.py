"""Links and unprintable names in a workspace are errors: such files are neither read nor ignored."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

import pytest

from builders.code_examples import TODAY, WORKSPACE
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.main import main
from partnergate.language.folder import folder_stamp, read_folder, read_templates
from partnergate.language.load import load_workspace
from partnergate.language.validate import validated


@pytest.fixture
def workspace(tmp_path):
    """A copy whose parts can be replaced by links."""
    made = tmp_path / "workspace"
    shutil.copytree(WORKSPACE, made)
    return made


def linked(path):
    """Replace a file or directory by a link to it."""
    target = path.parent.parent / f"moved-{path.name}"
    path.rename(target)
    path.symlink_to(target)


@pytest.mark.parametrize("name", ["partners", "realm_templates"])
def test_a_linked_directory_is_refused(workspace, name):
    linked(workspace / name)
    folder = read_folder(workspace)
    assert [str(path) for path in folder.links] == [name]
    assert not getattr(folder, {"partners": "partners", "realm_templates": "templates"}[name])
    found = validated(folder, today=TODAY, variables={})
    assert ("PG038", name) in {(d.code, str(d.span.file)) for d in found}
    assert load_workspace(workspace, "production", today=TODAY)[0] is None
    assert all(name not in stamp[0] for stamp in folder_stamp(workspace))


@pytest.mark.parametrize("name", ["partners/acme.yaml", "realm_templates/base.yaml"])
def test_a_linked_file_is_refused_and_not_treated_as_deleted(workspace, name):
    """A partner file that is ignored looks like a deleted partner, and apply would delete the provider."""
    linked(workspace / name)
    folder = read_folder(workspace)
    assert Path(name).name not in {**folder.partners, **folder.templates}
    found = validated(folder, today=TODAY, variables={})
    assert ("PG038", name) in {(d.code, str(d.span.file)) for d in found}
    workspace_of, problems = load_workspace(workspace, "production", today=TODAY)
    assert workspace_of is None
    assert "PG038" in {d.code for d in problems}


def test_a_linked_template_is_not_read_before_the_partners_either(workspace):
    linked(workspace / "realm_templates")
    assert not read_templates(workspace).templates


@pytest.mark.parametrize("directory", ["partners", "realm_templates"])
@pytest.mark.parametrize("name", ["a\n::add-mask::x.yaml", "a\x1b[2J.yaml", "a\u202ey.yaml", "b\udcff.yaml"])
@pytest.mark.parametrize("kind", ["text", "json", "sarif", "junit", "github", "gitlab"])
def test_a_file_name_starts_no_command_in_the_log_of_a_job(workspace, directory, name, kind, capfdbinary):
    shutil.copy(workspace / "partners/acme.yaml", workspace / directory / name)
    with pytest.raises(SystemExit) as done:
        main(["validate", "--root", str(workspace), "--format", kind])
    shown = capfdbinary.readouterr().out.decode()
    assert done.value.code == ExitCode.INVALID_INPUT
    assert "PG038" in shown
    assert name not in shown
    assert not any(line.startswith("::add-mask") for line in shown.splitlines())


def test_a_partner_file_with_an_unprintable_name_is_not_treated_as_deleted(workspace):
    (workspace / "partners/acme.yaml").rename(workspace / "partners/acme\n.yaml")
    assert load_workspace(workspace, "production", today=TODAY)[0] is None
    assert read_folder(workspace).unprintable == (PurePosixPath("partners/acme\\n.yaml"),)


def test_a_workspace_without_links_has_none(workspace):
    (workspace / "partners/notes").mkdir()
    assert read_folder(workspace).links == ()
