/* A directory of backups. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "domain/backup/internal.h"

#define NAME_PREFIX "parvis-"
#define NAME_BYTES 23 /* parvis-20261127T031500Z */

str backup_new_path(struct arena *arena, const char *directory)
{
    struct tm parts;
    char text[32];
    time_t now = (time_t)(clock_wall() / USEC_SECOND);
    gmtime_r(&now, &parts);
    strftime(text, sizeof(text), NAME_PREFIX "%Y%m%dT%H%M%SZ", &parts);
    return path_in(arena, directory, str_from(text));
}

static bool is_own_name(str name)
{
    bool good = name.n >= NAME_BYTES && str_starts(name, S(NAME_PREFIX)) && name.p[NAME_BYTES - 1] == 'Z';
    for (size_t i = sizeof(NAME_PREFIX) - 1; i < NAME_BYTES - 1 && good; i++) {
        good = is_ascii_digit(name.p[i]) || name.p[i] == 'T';
    }
    return good;
}

static int compare_items(const void *a, const void *b)
{
    const struct backup_item *one = a;
    const struct backup_item *other = b;
    bool is_later = one->facts.created > other->facts.created;
    return one->facts.created == other->facts.created ? str_compare(other->name, one->name) : is_later ? -1 : 1;
}

static bool is_unfinished(str name)
{
    return str_ends(name, S(".partial")) || str_ends(name, S(".stage"));
}

static void read_item(struct scope *scope, struct backup_item *item)
{
    item->is_whole = !is_unfinished(item->name) && manifest_read_facts(scope, item->path.p, &item->facts) == ERR_OK;
    if (!item->is_whole) {
        scope_forgive(scope);
    }
}

enum err backup_list(struct scope *scope, const char *directory, const struct backup_item **ret_items,
                     size_t *ret_count)
{
    VEC(struct backup_item) items = {0};
    DIR *opened = opendir(directory);
    *ret_items = NULL;
    *ret_count = 0;
    if (!opened) {
        return errno == ENOENT ? ERR_OK : file_failed(scope, directory, "the directory of backups cannot be read");
    }
    for (const struct dirent *entry; (entry = readdir(opened));) {
        struct stat facts;
        struct backup_item item = {.name = str_copy(&scope->arena, str_from(entry->d_name))};
        item.path = path_in(&scope->arena, directory, item.name);
        bool is_ours = is_own_name(item.name) || access(path_in(&scope->arena, item.path.p, S(MANIFEST_NAME)).p, F_OK) == 0;
        if (item.name.p[0] != '.' && is_ours && stat(item.path.p, &facts) == 0 && S_ISDIR(facts.st_mode)) {
            read_item(scope, &item);
            vec_add(&scope->arena, &items, item);
        }
    }
    closedir(opened);
    if (items.count) {
        qsort(items.items, items.count, sizeof(*items.items), compare_items);
    }
    *ret_items = items.items;
    *ret_count = items.count;
    return ERR_OK;
}

static bool has_manifest(struct scope *scope, const struct backup_item *item)
{
    return !is_unfinished(item->name) && access(path_in(&scope->arena, item->path.p, S(MANIFEST_NAME)).p, F_OK) == 0;
}

/* The manifest goes first: what is left of a removal that was interrupted is no backup. */
static enum err remove_backup(struct scope *scope, const struct backup_item *item)
{
    unlink(path_in(&scope->arena, item->path.p, S(MANIFEST_NAME)).p);
    return tree_remove(scope, item->path.p);
}

static enum err remove_unfinished(struct scope *scope, const struct backup_item *item)
{
    int lock;
    if (directory_take(scope, item->path.p, "it is being written", &lock) != ERR_OK) {
        scope_forgive(scope);
        return ERR_OK;
    }
    enum err result = tree_remove(scope, item->path.p);
    close(lock);
    return result;
}

enum err backup_prune(struct scope *scope, const char *directory, int keep, int64_t *ret_removed)
{
    const struct backup_item *items;
    size_t count;
    int whole = 0;
    *ret_removed = 0;
    TRY(backup_list(scope, directory, &items, &count));
    for (size_t i = 0; i < count; i++) {
        if (!is_own_name(items[i].name)) {
            continue;
        }
        if (items[i].is_whole && ++whole > keep) {
            TRY(remove_backup(scope, &items[i]));
            *ret_removed += 1;
        } else if (!items[i].is_whole && !has_manifest(scope, &items[i])) {
            TRY(remove_unfinished(scope, &items[i]));
        }
    }
    return ERR_OK;
}
