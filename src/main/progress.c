#include "main/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"

#define REDRAW_NANOSECONDS 200000000
#define BAR_CELLS 24

struct progress_bar {
    struct ingest_progress *progress;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards stopping */
    pthread_cond_t stop;
    bool stopping;
    usec began;
    const char *phase;
};

static void print_part(const struct progress_bar *bar, double part, double seconds)
{
    char cells[BAR_CELLS + 1];
    for (int i = 0; i < BAR_CELLS; i++) {
        cells[i] = i < part * BAR_CELLS ? '#' : '.';
    }
    cells[BAR_CELLS] = 0;
    double megabytes = (double)atomic_load(&bar->progress->file_bytes) * part / 1e6;
    fprintf(stderr, "  [%s] %3.0f %%", cells, part * 100);
    if (seconds > 0.5 && part > 0.01) {
        if (megabytes > 0) {
            fprintf(stderr, "  %.0f MB/s", megabytes / seconds);
        }
        fprintf(stderr, "  %.0f s left", seconds * (1 - part) / part);
    }
}

static void draw(struct progress_bar *bar)
{
    const char *phase = atomic_load(&bar->progress->phase);
    int64_t rows = atomic_load(&bar->progress->rows);
    int64_t expected = atomic_load(&bar->progress->rows_expected);
    if (!phase) {
        return;
    }
    if (phase != bar->phase) {
        bar->phase = phase;
        bar->began = clock_monotonic();
    }
    double seconds = (double)(clock_monotonic() - bar->began) / 1e6;
    fprintf(stderr, "\r\033[K%s", phase);
    if (atomic_load(&bar->progress->places)) {
        fprintf(stderr, "  dataset %lld of %lld", (long long)atomic_load(&bar->progress->place),
                (long long)atomic_load(&bar->progress->places));
    }
    if (rows) {
        fprintf(stderr, "  %lld rows", (long long)rows);
    }
    bool is_known = strcmp(phase, "reading") == 0 || !atomic_load(&bar->progress->file_bytes);
    if (expected > 0 && is_known) {
        double part = (double)rows / (double)expected;
        print_part(bar, part < 1 ? part : 1, seconds);
    } else {
        fprintf(stderr, "  %.0f s", seconds);
    }
    fflush(stderr);
}

static void *run(void *argument)
{
    struct progress_bar *bar = argument;
    pthread_mutex_lock(&bar->mutex);
    while (!bar->stopping) {
        struct timespec until;
        draw(bar);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += REDRAW_NANOSECONDS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&bar->stop, &bar->mutex, &until);
    }
    pthread_mutex_unlock(&bar->mutex);
    return NULL;
}

struct progress_bar *progress_bar_start(struct ingest_progress *progress)
{
    if (!isatty(STDERR_FILENO)) {
        return NULL;
    }
    struct progress_bar *bar = calloc(1, sizeof(*bar));
    if (!bar) {
        bug_out_of_memory(sizeof(*bar));
    }
    bar->progress = progress;
    pthread_mutex_init(&bar->mutex, NULL);
    pthread_cond_init(&bar->stop, NULL);
    if (pthread_create(&bar->thread, NULL, run, bar) != 0) {
        free(bar);
        return NULL;
    }
    return bar;
}

void progress_bar_stop(struct progress_bar *bar)
{
    if (!bar) {
        return;
    }
    pthread_mutex_lock(&bar->mutex);
    bar->stopping = true;
    pthread_cond_signal(&bar->stop);
    pthread_mutex_unlock(&bar->mutex);
    pthread_join(bar->thread, NULL);
    fprintf(stderr, "\r\033[K");
    pthread_cond_destroy(&bar->stop);
    pthread_mutex_destroy(&bar->mutex);
    free(bar);
}
