"""`leadboard serve`: start, stop, processes that die, and what it says when it cannot start."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.support.processes import environment, is_alive, leadboard, serving, until


def test_serve_makes_the_instance_and_answers(tmp_path):
    with serving(tmp_path / "new") as server:
        assert (server.get("/healthz"), server.get("/readyz")) == (200, 200)
        assert server.stop() == 0

    assert (tmp_path / "new" / "leadboard.db").is_file()
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_ctrl_c_stops_all_processes(tmp_path):
    with serving(tmp_path) as server:
        children = server.children()
        assert server.stop(signal.SIGINT) == 0

    assert [pid for pid in children if is_alive(pid)] == []


def test_one_process_serves_and_runs_jobs_alone(tmp_path):
    with serving(tmp_path, "--processes", "1") as server:
        assert server.children() == []
        assert server.get("/readyz") == 200
        until(lambda: finished_jobs(tmp_path) or None, "finished job")
        assert server.stop() == 0


def test_jobs_run_beside_the_web_processes(tmp_path):
    with serving(tmp_path, "--processes", "2") as server:
        until(lambda: len(server.children()) == 3 or None, "third child")
        until(lambda: finished_jobs(tmp_path) or None, "finished job")


def test_children_stop_when_the_parent_was_killed(tmp_path):
    with serving(tmp_path) as server:
        children = server.children()
        server.process.kill()
        until(lambda: not any(is_alive(pid) for pid in children) or None, "end of the children")


def test_a_killed_child_gets_a_successor(tmp_path):
    with serving(tmp_path, "--processes", "2") as server:
        first, *others = server.children()
        os.kill(first, signal.SIGKILL)

        def replaced() -> bool | None:
            now = set(server.children())
            return (first not in now and len(now) == 3 and set(others) < now) or None

        until(replaced, "successor")
        assert server.get("/readyz") == 200


def finished_jobs(instance: Path) -> int:
    with sqlite3.connect(instance / "leadboard.db") as database:
        return int(database.execute("select count(*) from job where state = 'done'").fetchone()[0])


# ---------------------------------------------------------------------------------------------- what it cannot do


def refusal(instance: Path, *args: str, **settings: str) -> str:
    """The one line that serve ends with."""
    done = leadboard(instance, "serve", "--port", "0", *args, **settings)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


def test_a_port_in_use_is_named_with_another_one(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert refusal(tmp_path, "--port", str(port)) == (
            f"leadboard: Port {port} is in use, perhaps by another Leadboard. Stop that program, or use --port {port + 1}"
            f" (make run PORT={port + 1})."
        )


def test_an_address_of_another_machine_is_refused(tmp_path):
    assert "is not an address of this machine" in refusal(tmp_path, "--host", "192.0.2.7")


def test_a_wrong_setting_is_named(tmp_path):
    assert "LEADBOARD_LOG_LEVEL is 'LOUD'. Use one of DEBUG" in refusal(tmp_path, LEADBOARD_LOG_LEVEL="loud")


def test_a_damaged_secret_is_named(tmp_path):
    assert leadboard(tmp_path, "db", "upgrade").returncode == 0
    (tmp_path / "secret_key").write_text("short\n")

    assert "secret_key is damaged. Restore it from a backup, or delete it" in refusal(tmp_path)


def test_a_newer_database_is_refused(tmp_path):
    assert leadboard(tmp_path, "db", "upgrade").returncode == 0
    with sqlite3.connect(tmp_path / "leadboard.db") as database:
        database.execute("insert into schema_migration (name, applied) values ('9999_later', '2030-01-01')")

    assert "written by a newer Leadboard (it has 9999_later). Install that version" in refusal(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "leadboard.db").write_bytes(b"not a database at all, but long enough to be looked at" * 40)

    assert "The file is damaged: restore a backup with leadboard restore." in refusal(tmp_path)


def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    # Nothing is forbidden to root: give that privilege up.
    plain = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    done = leadboard(folder, "serve", "--port", "0", prefix=plain)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert f"The folder {folder} cannot be written: Permission denied. Give this user the right to write there." in done.stderr


def test_a_locked_database_is_named(tmp_path):
    assert leadboard(tmp_path, "db", "upgrade").returncode == 0
    impatient = (
        "import sys, leadboard.db as db\n"
        "db.SQLITE_TIMEOUT_S = 0\n"
        "from leadboard.cli import main\n"
        "sys.argv = ['leadboard', 'serve', '--port', '0']\n"
        "main()"
    )
    holder = sqlite3.connect(tmp_path / "leadboard.db", isolation_level=None)
    holder.execute("begin immediate")
    done = subprocess.run(
        [sys.executable, "-c", impatient], env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False
    )
    holder.close()

    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "Another program holds it: stop that program, then try again." in done.stderr


def test_a_broken_plugin_is_told_once_at_start(tmp_path, capfd):
    folder = tmp_path / "plugins" / "torn"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("def (", encoding="utf-8")
    with serving(tmp_path) as server:
        assert server.stop() == 0
    assert capfd.readouterr().err.count("plugin torn is broken") == 1
