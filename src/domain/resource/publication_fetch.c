/* The first reading of an address: the file becomes an upload, which people look at before they publish it. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "domain/records/spool_files.h"
#include "domain/resource/publication.h"
#include "domain/resource/upload.h"
#include "platform/crypto/crypto.h"
#include "platform/i18n/explanation.h"

#define PIECE_BYTES ((size_t)8 << 20)
#define BLOCK_BYTES ((size_t)1 << 16)
#define BYTES_MOST ((int64_t)10 << 30)

static void tell(void *user, int64_t done, int64_t total)
{
    job_progress(user, done, total, "bytes");
}

static enum err send_pieces(struct scope *scope, struct catalog *catalog, int file, const struct upload *upload)
{
    char *piece = arena_alloc(&scope->arena, PIECE_BYTES);
    int64_t received = 0;
    while (received < upload->bytes) {
        ssize_t n = read(file, piece, PIECE_BYTES);
        if (n <= 0) {
            return fail_in_words(scope, ERR_FILE, MSG_FAULT_SOURCE_FETCHED, NULL);
        }
        TRY(scope_check(scope));
        TRY(upload_append(scope, catalog, upload->id, received, (str){piece, (size_t)n}, &received));
    }
    return ERR_OK;
}

static enum err keep_file(struct scope *scope, struct job_run *run, const struct resource *resource, const char *path,
                          const struct fetch_result *fetched, str *ret_id)
{
    struct new_upload wish = {.owner = job_of_run(run)->user,
                              .dataset = resource->dataset,
                              .name = fetched->name.n ? fetched->name : S("file"),
                              .bytes = fetched->bytes,
                              .bytes_most = BYTES_MOST};
    struct upload upload;
    TRY(upload_create(scope, job_catalog(run), &wish, &upload));
    *ret_id = upload.id;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return fail_in_words(scope, ERR_FILE, MSG_FAULT_SOURCE_FETCHED, NULL);
    }
    enum err result = send_pieces(scope, job_catalog(run), file, &upload);
    close(file);
    return result;
}

enum err publication_digest(struct scope *scope, const char *path, str *ret_text)
{
    char *block = arena_alloc(&scope->arena, BLOCK_BYTES);
    uint8_t digest[DIGEST_BYTES];
    ssize_t n = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return fail(scope, ERR_FILE, "The fetched file cannot be read (%s).", strerror(errno));
    }
    struct digest *state = digest_open();
    while ((n = read(file, block, BLOCK_BYTES)) > 0 && scope_check(scope) == ERR_OK) {
        digest_feed(state, (str){block, (size_t)n});
    }
    digest_finish(state, digest);
    digest_close(state);
    close(file);
    TRY(scope_check(scope));
    *ret_text = str_printf(&scope->arena, PUBLICATION_DIGEST_PREFIX "%.*s", STR_ARG(hex_encode(&scope->arena, digest, sizeof(digest))));
    return n == 0 ? ERR_OK : fail_in_words(scope, ERR_FILE, MSG_FAULT_SOURCE_FETCHED, NULL);
}

static enum err take_file(struct scope *scope, struct job_run *run, struct resource *resource, const char *path,
                          const struct fetch_result *fetched)
{
    str id;
    job_tell(run, MSG_JOB_LINE_KEPT, SAYS(argument_digits(&scope->arena, "bytes", fetched->bytes)));
    TRY(keep_file(scope, run, resource, path, fetched, &id));
    resource->uploads = &id;
    resource->upload_count = 1;
    resource->etag = fetched->etag;
    if (!resource->etag.n) {
        TRY(publication_digest(scope, path, &resource->etag));
    }
    resource->last_modified = fetched->last_modified;
    resource->checked = clock_wall();
    TRY(resource_save(scope, job_catalog(run), resource, resource->changed));
    job_tell(run, MSG_JOB_LINE_HERE, NULL);
    return ERR_OK;
}

enum err publication_get(struct scope *scope, struct job_run *run, const struct publication_tools *tools,
                         const struct resource *resource, str *ret_path, struct fetch_result *ret_fetched)
{
    static const struct fetch_options usual = {0};
    str spool = str_printf(&scope->arena, "%s/spool", catalog_data_directory(job_catalog(run)));
    *ret_path = spool_name(&scope->arena, spool.p, "import");
    job_tell(run, MSG_JOB_LINE_ASKED, SAYS(ARG_TEXT("address", fetch_shown_address(&scope->arena, resource->location))));
    struct fetch_request request = {.address = resource->location, .path = ret_path->p, .progress = tell, .user = run};
    return fetch_file(scope, tools->fetch ? tools->fetch : &usual, &request, ret_fetched);
}

enum err publication_fetch(struct scope *scope, struct job_run *run, void *user)
{
    const struct publication_tools *tools = user;
    struct resource resource;
    struct fetch_result fetched;
    str path;
    TRY(publication_check_right(scope, tools->identity, tools->access, job_of_run(run)));
    TRY(resource_find(scope, job_catalog(run), job_of_run(run)->dataset, &resource));
    if (resource.kind != RESOURCE_URL) {
        return fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_SOURCE_NO_ADDRESS, NULL);
    }
    TRY(publication_get(scope, run, tools, &resource, &path, &fetched));
    enum err result = take_file(scope, run, &resource, path.p, &fetched);
    unlink(path.p);
    return result;
}
