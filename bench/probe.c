/*
 * What bench/run.mjs measures with. Prints one JSON object a line.
 *
 *   probe sql DATABASE ROUNDS STATEMENT…   the engine in this process, without parvis: median time of
 *                                          running all statements once and fetching every row
 *   probe http HOST PORT ROUNDS PATH       one keep-alive connection: median time of a GET
 *   probe table ROWS FILE                  writes the synthetic table as CSV
 */
#include <arpa/inet.h>
#include <duckdb.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static _Noreturn void stop(const char *why, const char *detail)
{
    fprintf(stderr, "probe: %s: %s\n", why, detail ? detail : "");
    exit(1);
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return difference < 0 ? -1 : difference > 0;
}

static void print_times(double *seconds, size_t count, uint64_t amount)
{
    qsort(seconds, count, sizeof(*seconds), compare);
    printf("{\"median_ms\": %.4f, \"least_ms\": %.4f, \"amount\": %llu}\n",
           seconds[count / 2] * 1000, seconds[0] * 1000, (unsigned long long)amount);
}

/* ---- the engine ---- */

static uint64_t run_statement(duckdb_connection connection, const char *statement)
{
    duckdb_result result;
    if (duckdb_query(connection, statement, &result) != DuckDBSuccess) {
        stop(statement, duckdb_result_error(&result));
    }
    uint64_t rows = 0;
    duckdb_data_chunk chunk;
    while ((chunk = duckdb_fetch_chunk(result))) {
        rows += duckdb_data_chunk_get_size(chunk);
        duckdb_destroy_data_chunk(&chunk);
    }
    duckdb_destroy_result(&result);
    return rows;
}

static void open_engine(const char *path, bool read_only, duckdb_database *database,
                        duckdb_connection *connection)
{
    duckdb_config config;
    char *error = NULL;
    duckdb_create_config(&config);
    if (read_only) {
        duckdb_set_config(config, "access_mode", "READ_ONLY");
    }
    if (duckdb_open_ext(path, database, config, &error) != DuckDBSuccess ||
        duckdb_connect(*database, connection) != DuckDBSuccess) {
        stop(path, error);
    }
    duckdb_destroy_config(&config);
}

static void probe_sql(const char *path, size_t rounds, char **statements, size_t count)
{
    duckdb_database database;
    duckdb_connection connection;
    bool is_new = access(path, F_OK) != 0;
    open_engine(path, !is_new, &database, &connection);
    double *seconds = calloc(rounds, sizeof(*seconds));
    uint64_t rows = 0;
    for (size_t i = 0; i < rounds; i++) {
        double started = seconds_now();
        rows = 0;
        for (size_t j = 0; j < count; j++) {
            rows += run_statement(connection, statements[j]);
        }
        seconds[i] = seconds_now() - started;
    }
    print_times(seconds, rounds, rows);
    free(seconds);
    duckdb_disconnect(&connection);
    duckdb_close(&database);
}

/* Ten million rows of the columns that open data has: codes, names, categories, numbers, dates. */
static void write_table(const char *rows, const char *file)
{
    duckdb_database database;
    duckdb_connection connection;
    char statement[4096];
    open_engine(NULL, false, &database, &connection);
    snprintf(statement, sizeof(statement),
             "copy (select i as id, printf('%%05d', (hash(i) %% 99999)::integer) as code, "
             "['market','school','station','river','garden','bridge','tower','square','harbour','mill']"
             "[1 + (hash(i + 1) %% 10)::integer] || ' ' || "
             "['north','south','east','west','old','new','upper','lower'][1 + (hash(i + 2) %% 8)::integer]"
             " || ' n' || (hash(i + 3) %% 50000)::varchar as name, "
             "'category ' || chr((65 + hash(i + 4) %% 20)::integer) as category, "
             "(hash(i + 5) %% 100000)::double / 100 as amount, "
             "(hash(i + 6) %% 1000)::integer as quantity, "
             "date '2000-01-01' + (hash(i + 7) %% 9000)::integer as day, "
             "(hash(i + 8) %% 2 = 0) as open from range(%s) as t(i)) to '%s' (format csv, header true)",
             rows, file);
    run_statement(connection, statement);
    duckdb_disconnect(&connection);
    duckdb_close(&database);
}

/* ---- HTTP ---- */

struct client {
    int socket;
    char *bytes;
    size_t filled;
    size_t capacity;
};

static void fill(struct client *client)
{
    if (client->filled == client->capacity) {
        client->capacity = client->capacity ? client->capacity * 2 : (size_t)1 << 20;
        client->bytes = realloc(client->bytes, client->capacity);
    }
    ssize_t n = read(client->socket, client->bytes + client->filled,
                     client->capacity - client->filled);
    if (n <= 0) {
        stop("http", "the server closed the connection");
    }
    client->filled += (size_t)n;
}

/* Length of the head with its empty line, once it is there. */
static size_t read_head(struct client *client)
{
    for (;;) {
        char *end = client->filled ? memmem(client->bytes, client->filled, "\r\n\r\n", 4) : NULL;
        if (end) {
            return (size_t)(end - client->bytes) + 4;
        }
        fill(client);
    }
}

static uint64_t get(struct client *client, const char *request)
{
    client->filled = 0;
    size_t length = strlen(request);
    if (write(client->socket, request, length) != (ssize_t)length) {
        stop("http", "the request could not be sent");
    }
    size_t head = read_head(client);
    if (strncmp(client->bytes, "HTTP/1.1 200", 12) != 0) {
        stop(request, client->bytes);
    }
    char *field = strcasestr(client->bytes, "\r\ncontent-length:");
    if (!field || field > client->bytes + head) {
        stop("http", "an answer with Content-Length is expected");
    }
    size_t body = strtoul(field + 17, NULL, 10);
    while (client->filled < head + body) {
        fill(client);
    }
    return body;
}

static void probe_http(const char *host, const char *port, size_t rounds, const char *path)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    struct client client = {.socket = socket(AF_INET, SOCK_STREAM, 0)};
    int yes = 1;
    char request[8192];
    setsockopt(client.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1 ||
        connect(client.socket, (struct sockaddr *)&address, sizeof(address)) != 0) {
        stop("http: no connection to port", port);
    }
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s:%s\r\n\r\n", path, host, port);
    double *seconds = calloc(rounds, sizeof(*seconds));
    uint64_t bytes = 0;
    for (size_t i = 0; i < rounds; i++) {
        double started = seconds_now();
        bytes = get(&client, request);
        seconds[i] = seconds_now() - started;
    }
    print_times(seconds, rounds, bytes);
    free(seconds);
    free(client.bytes);
    close(client.socket);
}

int main(int argc, char **argv)
{
    if (argc >= 5 && strcmp(argv[1], "sql") == 0) {
        probe_sql(argv[2], strtoul(argv[3], NULL, 10), argv + 4, (size_t)argc - 4);
    } else if (argc == 6 && strcmp(argv[1], "http") == 0) {
        probe_http(argv[2], argv[3], strtoul(argv[4], NULL, 10), argv[5]);
    } else if (argc == 4 && strcmp(argv[1], "table") == 0) {
        write_table(argv[2], argv[3]);
    } else {
        stop("usage", "probe sql|http|table … (see probe.c)");
    }
    return 0;
}
