#include "domain/records/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/turn.h"
#include "domain/records/spool.h"

str kept_parquet_path(struct arena *arena, str version_file)
{
    str suffix = S(".duckdb");
    size_t n = str_ends(version_file, suffix) ? version_file.n - suffix.n : version_file.n;
    return str_printf(arena, "%.*s.parquet", (int)n, version_file.p);
}

static bool sees_everything(const struct dataset *dataset)
{
    return dataset->view == 0 && dataset->filter_count == 0 && !dataset->table_schema;
}

bool kept_parquet_suits(const struct dataset *dataset, const struct clauses *clauses,
                        const struct format_options *options)
{
    bool is_whole = clauses->select.n == 0 && clauses->where_count == 0 &&
                    clauses->group_by.n == 0 && clauses->order_by.n == 0 &&
                    clauses->refine_count == 0 && clauses->exclude_count == 0 &&
                    clauses->limit < 0 && clauses->offset == 0;
    bool is_plain = !options->use_labels && options->epsg == 4326 &&
                    str_eq(options->compression, format_options_default().compression);
    return dataset->version > 0 && sees_everything(dataset) && is_whole && is_plain;
}

/* ---- the file ---- */

static bool open_file(struct scope *scope, const struct dataset *dataset, str path,
                      struct kept_file *ret_file)
{
    struct stat facts;
    int descriptor = open(path.p, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return false;
    }
    if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close(descriptor);
        return false;
    }
    long long changed = (long long)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec;
    str tag = str_printf(&scope->arena, "%.*s-%lld-parquet-%llx-%llx", STR_ARG(dataset->uid),
                         (long long)dataset->version, (unsigned long long)facts.st_size, changed);
    *ret_file = (struct kept_file){descriptor, (uint64_t)facts.st_size, tag};
    return true;
}

static enum err write_all(struct scope *scope, struct records *records,
                          const struct dataset *dataset, str *ret_path)
{
    struct records_lease lease cleanup_with(records_release) = {0};
    struct clauses clauses = {.limit = -1};
    const struct format_options options = format_options_default();
    struct plan *plan;
    format_prepare(format_find(S("parquet")), &clauses);
    TRY(records_lease(scope, records, dataset, &lease));
    TRY(odsql_compile(scope, &lease.source, &clauses, &plan));
    return spool_parquet_file(scope, &lease, plan, &options, ret_path);
}

/* Of a dataset that was imported on another node. What goes wrong with it, moving the file tells. */
static void make_directory(str file)
{
    char path[PATH_MAX];
    size_t n = file.n;
    while (n > 0 && file.p[n - 1] != '/') {
        n--;
    }
    if (n > 0 && n < sizeof(path)) {
        memcpy(path, file.p, n - 1);
        path[n - 1] = 0;
        mkdir(path, 0750);
    }
}

/* On disk before it has its name: half a file must not be there after a crash. */
static bool move(const char *from, str to, const struct dataset *dataset, bool in_database)
{
    if (in_database) {
        make_directory(to);
    }
    int descriptor = open(from, O_RDONLY | O_CLOEXEC);
    bool is_kept = descriptor >= 0 && fsync(descriptor) == 0 && rename(from, to.p) == 0;
    if (!is_kept) {
        log_event(EV_PARQUET_NOT_KEPT, "%s (%s)", to.p, strerror(errno));
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
    if (is_kept && !in_database && access(dataset->version_file.p, F_OK) != 0) {
        unlink(to.p); /* the version was deleted meanwhile */
        return false;
    }
    return is_kept;
}

static enum err make(struct scope *scope, struct records *records, const struct dataset *dataset,
                     str path, struct kept_file *ret_file)
{
    str spooled;
    struct spool spool;
    TRY(write_all(scope, records, dataset, &spooled));
    enum err result = spool_take(scope, spooled.p, &spool);
    if (result == ERR_OK) {
        *ret_file = (struct kept_file){.descriptor = spool.descriptor, .bytes = spool.bytes};
        struct kept_file kept;
        if (move(spooled.p, path, dataset, records_in_database(records)) && open_file(scope, dataset, path, &kept)) {
            close(spool.descriptor);
            *ret_file = kept;
        }
    }
    unlink(spooled.p);
    return result;
}

enum err kept_parquet_open(struct scope *scope, struct records *records,
                           const struct dataset *dataset, struct kept_file *ret_file)
{
    str path = kept_parquet_path(&scope->arena, dataset->version_file);
    if (open_file(scope, dataset, path, ret_file)) {
        return ERR_OK;
    }
    struct turn turn;
    TRY(turn_take(scope, path, &turn));
    enum err result = open_file(scope, dataset, path, ret_file)
                          ? ERR_OK
                          : make(scope, records, dataset, path, ret_file);
    turn_give(&turn);
    return result;
}

int64_t kept_parquet_bytes(struct scope *scope, const struct dataset *dataset)
{
    struct stat facts;
    str path = kept_parquet_path(&scope->arena, dataset->version_file);
    bool is_there = path.n && stat(path.p, &facts) == 0 && S_ISREG(facts.st_mode);
    return is_there ? (int64_t)facts.st_size : 0;
}
