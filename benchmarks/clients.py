"""Eight clients on the board of the shipped command, against one; start-up and memory of all its processes."""

import subprocess
import sys
import time

from common import ROOT, data, environment, free_port, load, options, product, signed_in, tell, wait_for

FASTER, SLOWER, START_S, PSS_MIB = 1.7, 12.0, 2.0, 180.0


def start_seconds(found: object) -> float:
    port = free_port()
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "leadboard", "serve", "--port", str(port)], cwd=ROOT, env=environment(found.folder),  # type: ignore[attr-defined]
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz", process)
        return time.monotonic() - begun
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    args = options(__doc__)
    results = []
    for leads in args.leads:
        found = data(leads)
        begin = min(start_seconds(found) for _ in range(3))
        with product(found) as (base, pid):
            url = f"{base}/board/{found.board}"
            load(url, *signed_in(base), "-n", "60", "-c", "4")
            one = load(url, *signed_in(base), "-n", "150", "--rounds", str(args.rounds))
            eight = load(url, *signed_in(base), "-n", "300", "-c", "8", "--rounds", str(args.rounds), "--pid", str(pid))
        results.append({
            "leads": leads, "rps_1": one["rps"], "rps_8": eight["rps"], "faster": round(eight["rps"] / one["rps"], 2),
            "p95_8_over_p50_1": round(eight["p95_ms"] / one["p50_ms"], 1), "start_s": round(begin, 2), "pss_mib": eight["server_peak_pss_mib"],
        })  # fmt: skip
    held = all(
        result["faster"] >= FASTER
        and result["p95_8_over_p50_1"] <= SLOWER
        and result["start_s"] <= START_S
        and result["pss_mib"] <= PSS_MIB
        for result in results
    )
    tell(
        "clients",
        f"8 clients >= {FASTER}x one's throughput, p95 <= {SLOWER}x one's p50; start <= 2 s; PSS <= 180 MiB",
        results,
        held,
    )


if __name__ == "__main__":
    main()
