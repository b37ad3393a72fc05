"""A cohort in other libraries: median survival with pandas, the barrier by age with xarray.

    python examples/read_a_run.py
"""

from __future__ import annotations

import gutbrain as gb


def main() -> None:
    results = gb.run("butyrate-g93a-cohort", set={"cohort.subjects": 20})
    frame = results.endpoints.to_pandas()
    print(frame.groupby("arm", sort=False)["death_d"].median())

    bands = results.bands.to_xarray()
    zo1 = bands["median"].sel(variable="zo1", time_d=[30.0, 60.0, 90.0])
    print(zo1.to_dataframe()["median"].unstack("arm"))


if __name__ == "__main__":
    main()
