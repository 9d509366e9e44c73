#include "domain/resource/publication.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "domain/catalog/version.h"
#include "domain/identity/audit.h"
#include "domain/identity/user.h"
#include "domain/resource/upload.h"
#include "domain/resource/words.h"
#include "domain/site/keeper.h"
#include "platform/fetch/fetch.h"
#include "platform/i18n/explanation.h"

#define LOOK_NANOSECONDS 300000000L

/* ---- asking ---- */

enum err publication_ask(struct scope *scope, struct catalog *catalog, const struct publication_wish *wish,
                         int64_t *ret_job)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("note"), wish->note);
    json_key_text(&json, S("language"), language_code(wish->language));
    json_key_bool(&json, S("public"), wish->is_public);
    json_key_int(&json, S("revision"), wish->resource->changed);
    json_object_end(&json);
    struct new_job job = {.kind = PUBLICATION_JOB,
                          .dataset = wish->dataset->uid,
                          .label = wish->dataset->id,
                          .arguments = buf_copy(&out, &scope->arena),
                          .by = wish->by,
                          .is_single = true};
    return job_add(scope, catalog, &job, ret_job);
}

/* ---- telling how far it is ---- */

struct watch {
    struct job_run *run;
    struct ingest_progress *progress;
    const char *told; /* the phase */
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool ends;
    pthread_t thread;
    bool runs;
};

static enum message phase_message(const char *phase)
{
    static const struct {
        const char *phase;
        enum message message;
    } phases[] = {{"opening", MSG_JOB_LINE_OPENING}, {"converting", MSG_JOB_LINE_CONVERTING},
                  {"looking", MSG_JOB_LINE_LOOKING}, {"reading", MSG_JOB_LINE_READING},
                  {"joining", MSG_JOB_LINE_JOINING}, {"indexing", MSG_JOB_LINE_INDEXING}};
    for (size_t i = 0; i < ARRAY_LENGTH(phases); i++) {
        if (strcmp(phase, phases[i].phase) == 0) {
            return phases[i].message;
        }
    }
    return MESSAGE_NONE;
}

static void tell(struct watch *watch)
{
    const char *phase = atomic_load(&watch->progress->phase);
    int64_t rows = atomic_load(&watch->progress->rows);
    int64_t expected = atomic_load(&watch->progress->rows_expected);
    if (phase && phase != watch->told && phase_message(phase) != MESSAGE_NONE) {
        watch->told = phase;
        job_tell(watch->run, phase_message(phase), NULL);
    }
    job_progress(watch->run, rows, expected > rows ? expected : 0, "rows");
}

static void *watch_progress(void *argument)
{
    struct watch *watch = argument;
    pthread_mutex_lock(&watch->mutex);
    while (!watch->ends) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_NANOSECONDS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&watch->ended, &watch->mutex, &until);
        tell(watch);
    }
    pthread_mutex_unlock(&watch->mutex);
    return NULL;
}

static void watch_begin(struct watch *watch)
{
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_cond_init(&watch->ended, NULL);
    watch->runs = pthread_create(&watch->thread, NULL, watch_progress, watch) == 0;
}

static void watch_end(struct watch *watch)
{
    pthread_mutex_lock(&watch->mutex);
    watch->ends = true;
    pthread_cond_signal(&watch->ended);
    pthread_mutex_unlock(&watch->mutex);
    if (watch->runs) {
        pthread_join(watch->thread, NULL);
    }
    pthread_cond_destroy(&watch->ended);
    pthread_mutex_destroy(&watch->mutex);
}

/* ---- the files ---- */

struct files {
    struct upload_file *opened;
    struct publish_source *sources;
    size_t count;
};

static void close_files(struct files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        upload_file_done(&files->opened[i]);
    }
}

static enum err open_uploads(struct scope *scope, struct job_run *run, const struct resource *resource,
                             struct files *files)
{
    struct catalog *catalog = job_catalog(run);
    files->opened = arena_array(&scope->arena, struct upload_file, resource->upload_count);
    files->sources = arena_array(&scope->arena, struct publish_source, resource->upload_count);
    for (; files->count < resource->upload_count; files->count++) {
        struct upload upload;
        struct upload_file *file = &files->opened[files->count];
        TRY(upload_find(scope, catalog, resource->uploads[files->count], &upload));
        TRY(upload_open(scope, catalog, &upload, 0, file));
        files->sources[files->count] = (struct publish_source){file->path.p, str_cz(&scope->arena, upload.name)};
    }
    return files->count ? ERR_OK : fail_in_words(scope, ERR_DATA, MSG_FAULT_SOURCE_NO_FILE, NULL);
}

/* What messages and the version say of where a file is from: an address without its password. */
static const char *name_of_source(struct scope *scope, const struct resource *resource)
{
    return str_cz(&scope->arena, fetch_shown_address(&scope->arena, resource->location));
}

/* ---- publishing ---- */

struct publication {
    struct job_run *run;
    const struct resource *resource;
    struct dataset dataset;   /* a light row */
    bool is_public;
    bool is_read_again;       /* nobody has looked at the file */
    str note;
    language language;        /* LANGUAGE_NONE: that of the portal */
    int64_t revision;         /* of the resource that was seen; 0: any */
};

static enum err find_dataset(struct scope *scope, struct publication *publication)
{
    struct catalog *catalog = job_catalog(publication->run);
    bool changed;
    TRY(catalog_refresh(scope, catalog, &changed));
    const struct snapshot *snapshot = catalog_snapshot(catalog);
    const struct dataset *found = snapshot_find(snapshot, publication->resource->dataset);
    if (found) {
        publication->dataset = *found;
        publication->dataset.id = str_copy(&scope->arena, found->id);
        publication->dataset.uid = str_copy(&scope->arena, found->uid);
    }
    snapshot_unref(snapshot);
    return found ? ERR_OK : fail_in_words(scope, ERR_NO_DATASET, MSG_FAULT_SOURCE_REMOVED, NULL);
}

static enum err read_arguments(struct scope *scope, struct publication *publication)
{
    json_t *arguments cleanup_with(json_cleanup) = NULL;
    str text = job_of_run(publication->run)->arguments;
    TRY(json_read(scope, ERR_USAGE, text.n ? text : S("{}"), "arguments of the job", &arguments));
    str note = json_read_text(json_object_get(arguments, "note"));
    publication->note = note.p ? str_copy(&scope->arena, note) : S("");
    publication->language = language_exact(json_read_text(json_object_get(arguments, "language")));
    publication->is_public = json_is_true(json_object_get(arguments, "public"));
    publication->revision = json_integer_value(json_object_get(arguments, "revision"));
    return ERR_OK;
}

static enum err keep_rejects(struct scope *scope, const struct publication *publication, const struct publish_result *result)
{
    struct resource_rejects rejects = {.version = result->version, .count = result->rejected};
    FILE *file = result->rejected ? fopen(result->rejects_path.p, "re") : NULL;
    if (file) {
        char *bytes = arena_alloc(&scope->arena, RESOURCE_REJECTS_BYTES);
        size_t n = fread(bytes, 1, RESOURCE_REJECTS_BYTES, file);
        fclose(file);
        while (n == RESOURCE_REJECTS_BYTES && n && bytes[n - 1] != '\n') {
            n--; /* whole lines */
        }
        rejects.lines = (str){bytes, n};
    }
    return resource_rejects_save(scope, job_catalog(publication->run), publication->dataset.uid, &rejects);
}

static void tell_result(struct arena *arena, const struct publication *publication, const struct publish_result *result)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_int(&json, S("version"), result->version);
    json_key_int(&json, S("records"), result->rows);
    json_key_int(&json, S("rejected"), result->rejected);
    json_key_int(&json, S("emptied"), result->emptied);
    json_object_end(&json);
    job_result(publication->run, buf_str(&out));
    for (size_t i = 0; i < result->note_count; i++) {
        job_remark(publication->run, &result->notes[i]);
    }
    if (result->rejected) {
        job_tell(publication->run, MSG_JOB_LINE_REJECTED, SAYS(argument_digits(arena, "count", result->rejected)));
    }
    job_tell(publication->run, MSG_JOB_LINE_PUBLISHED,
             SAYS(argument_digits(arena, "version", result->version), argument_digits(arena, "records", result->rows)));
}

static enum err release(struct scope *scope, const struct publication *publication)
{
    return publication->dataset.is_draft
               ? catalog_release(scope, job_catalog(publication->run), publication->dataset.id, publication->is_public)
               : ERR_OK;
}

/* Who is told that the job is done sees the version at once, on this node. */
static enum err show(struct scope *scope, const struct publication *publication)
{
    bool changed;
    return catalog_refresh(scope, job_catalog(publication->run), &changed);
}

static enum err publish(struct scope *scope, const struct publication *publication, const struct files *files)
{
    const struct job *job = job_of_run(publication->run);
    struct ingest_progress progress = {0};
    struct watch watch = {.run = publication->run, .progress = &progress};
    struct publish_options options;
    struct publish_result result;
    int64_t keep;
    TRY(site_versions_kept(scope, job_catalog(publication->run), &keep));
    TRY(resource_options(scope, publication->resource, &options));
    options.path = files->sources[0].path;
    options.shown_name = files->sources[0].shown_name;
    options.more = files->sources + 1;
    options.more_count = files->count - 1;
    options.dataset_id = publication->dataset.id;
    options.dataset_uid = publication->dataset.uid;
    options.author = job->user_name;
    options.keeps_fields = publication->is_read_again;
    options.note = publication->note;
    options.keep = (int)keep;
    options.language = publication->language;
    if (options.language == LANGUAGE_NONE) {
        TRY(site_stored_language(scope, job_catalog(publication->run), &options.language));
    }
    options.memory_bytes = PUBLICATION_MEMORY;
    options.progress = &progress;
    watch_begin(&watch);
    enum err outcome = publish_file(scope, job_catalog(publication->run), &options, &result);
    watch_end(&watch);
    TRY(outcome);
    TRY(keep_rejects(scope, publication, &result));
    TRY(release(scope, publication));
    TRY(show(scope, publication));
    tell_result(&scope->arena, publication, &result);
    struct actor by = {.kind = ACTOR_SESSION, .user = job->user, .name = job->user_name};
    audit_add_work(job_catalog(publication->run), &by, "dataset.publish", publication->dataset.id,
                   str_printf(&scope->arena, "version %lld, %lld records", (long long)result.version,
                              (long long)result.rows));
    return ERR_OK;
}

/* Whether an earlier attempt of this job was interrupted behind the version, whose rows would be added once more. */
static enum err find_done(struct scope *scope, const struct publication *publication, bool *ret_done)
{
    const struct job *job = job_of_run(publication->run);
    const struct version *versions;
    struct publish_options options;
    size_t count;
    *ret_done = false;
    TRY(resource_options(scope, publication->resource, &options));
    if (job->attempt == 1 || !options.appends) {
        return ERR_OK;
    }
    TRY(catalog_versions(scope, job_catalog(publication->run), publication->dataset.uid, 1, &versions, &count));
    *ret_done = count && versions[0].created > job->created && str_eq(versions[0].author, job->user_name) &&
                str_starts(versions[0].note, publication->note); /* which may say besides what was left empty */
    return ERR_OK;
}

static enum err run_publication(struct scope *scope, struct publication *publication, const char *path)
{
    struct files files = {0};
    bool is_done;
    TRY(read_arguments(scope, publication));
    TRY(find_dataset(scope, publication));
    if (publication->revision && publication->revision != publication->resource->changed) {
        return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_SOURCE_CHANGED,
                             SAYS(ARG_TEXT("user", publication->resource->changed_by)));
    }
    TRY(find_done(scope, publication, &is_done));
    is_done |= job_of_run(publication->run)->attempt > 1 && publication->dataset.is_draft && publication->dataset.version > 0;
    if (is_done) {
        job_tell(publication->run, MSG_JOB_LINE_PUBLISHED_BEFORE, NULL);
        return release(scope, publication);
    }
    if (path) {
        struct publish_source source = {path, name_of_source(scope, publication->resource)};
        files = (struct files){NULL, &source, 1};
        publication->is_read_again = publication->resource->kind == RESOURCE_URL;
        return publish(scope, publication, &files);
    }
    enum err result = open_uploads(scope, publication->run, publication->resource, &files);
    if (result == ERR_OK) {
        result = publish(scope, publication, &files);
    }
    close_files(&files);
    return result;
}

enum err publication_run(struct scope *scope, struct job_run *run, const struct resource *resource, const char *path)
{
    struct publication publication = {.run = run, .resource = resource};
    enum err result = run_publication(scope, &publication, path);
    if (result != ERR_OK) {
        scope->failure.message = resource_words(&scope->arena, scope->failure.message);
    }
    return result;
}

/* ---- the job ---- */

enum err publication_check_right(struct scope *scope, struct identity *identity, struct access *access,
                                 const struct job *job)
{
    struct actor actor;
    if (job->user == 0) {
        return ERR_OK;
    }
    TRY(user_actor(scope, identity, job->user, &actor));
    return access_check(scope, access, &actor, job->dataset, RIGHT_PUBLISH);
}

static enum err publish_table(struct scope *scope, struct job_run *run, const struct publication_tools *tools,
                              const struct resource *resource)
{
    struct actor actor;
    str path;
    TRY(user_actor(scope, tools->identity, job_of_run(run)->user, &actor));
    job_tell(run, MSG_JOB_LINE_TABLE, NULL);
    TRY(publication_write_table(scope, tools, &actor, resource->location, -1, &path));
    enum err result = publication_run(scope, run, resource, path.p);
    unlink(path.p);
    return result;
}

/* Of an address that was read again since somebody looked at it the file is not here: what is there now is published. */
static enum err publish_address(struct scope *scope, struct job_run *run, const struct publication_tools *tools,
                                struct resource *resource)
{
    struct fetch_result fetched;
    str path;
    TRY(publication_get(scope, run, tools, resource, &path, &fetched));
    enum err result = publication_run(scope, run, resource, path.p);
    resource->etag = fetched.etag;
    if (result == ERR_OK && !resource->etag.n) {
        result = publication_digest(scope, path.p, &resource->etag);
    }
    unlink(path.p);
    TRY(result);
    resource->last_modified = fetched.last_modified;
    resource->checked = clock_wall();
    return resource_note_published(scope, job_catalog(run), resource);
}

enum err publication_work(struct scope *scope, struct job_run *run, void *user)
{
    const struct publication_tools *tools = user;
    struct resource resource;
    TRY(publication_check_right(scope, tools->identity, tools->access, job_of_run(run)));
    TRY(resource_find(scope, job_catalog(run), job_of_run(run)->dataset, &resource));
    switch (resource.kind) {
    case RESOURCE_UPLOAD:
        return publication_run(scope, run, &resource, NULL);
    case RESOURCE_URL: /* what was fetched and looked at, while it is what the address gave last */
        return resource.upload_count ? publication_run(scope, run, &resource, NULL)
                                     : publish_address(scope, run, tools, &resource);
    case RESOURCE_DATASET:
        return publish_table(scope, run, tools, &resource);
    default:
        return fail_in_words(scope, ERR_USAGE, MSG_FAULT_SOURCE_NONE, NULL);
    }
}
