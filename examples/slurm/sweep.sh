#!/usr/bin/env bash
# A sweep as a Slurm array: one task per shard, and a job that joins them when all are done.
#
#   examples/slurm/sweep.sh scenarios/sweeps/dose-by-start.toml 32 outputs/dose-by-start
#
# A task that meets its time limit is requeued and goes on where it was (--resume). Without Slurm
# (no sbatch on the PATH), or with DRY_RUN=1, the commands are printed.
set -euo pipefail
scenario=${1:?scenario file}
shards=${2:?number of shards}
output=${3:?folder for the parts and the whole}
program=${GUTBRAIN:-gutbrain}
cores=${CORES_PER_TASK:-4}

# The lines are read by a shell again: names may have blanks in them.
quoted() { printf '%q' "$1"; }
program=$(quoted "$program") scenario=$(quoted "$scenario")
shard="$program sweep $scenario --shard \$SLURM_ARRAY_TASK_ID/$shards --threads $cores --resume --quiet --output $(quoted "$output/shard-")\$SLURM_ARRAY_TASK_ID"
parts=""
for number in $(seq 1 "$shards"); do
  parts+=" $(quoted "$output/shard-$number")"
done
merge="$program merge$parts --output $(quoted "$output/whole") --force"

if [ -n "${DRY_RUN:-}" ] || ! command -v sbatch > /dev/null; then
  echo "array 1-$shards: $shard"
  echo "afterok: $merge"
  exit 0
fi
array=$(sbatch --parsable --requeue --array="1-$shards" --cpus-per-task="$cores" \
  --job-name=gutbrain-sweep --wrap="$shard")
sbatch --dependency="afterok:$array" --job-name=gutbrain-merge --wrap="$merge"
