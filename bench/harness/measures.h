/* What the harness can measure; each has its own file and prints plain numbers. */
#ifndef BENCH_MEASURES_H
#define BENCH_MEASURES_H

int measure_fall(int argc, char **argv);
int measure_start(int argc, char **argv);
int measure_stale(int argc, char **argv);

#endif
