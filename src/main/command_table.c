/* The commands, their options and their help. */
#include "main/commands.h"

#define DATA_OPTION                                                                                \
    {"data", "DIR", "./data", true, false, "directory that holds everything"},                     \
        {"store", "URL", "", true, false,                                                          \
         "postgresql://… : holds everything in its place (docs/deployment.md)"},                    \
        {"store-read", "URL", "", true, false,                                                     \
         "a replica of that database, which records are read from"},                               \
        {"store-distribute", "RECORDS", "1000000", true, false,                                    \
         "datasets of as many are distributed over workers of Citus, where there are any"}

/* Addresses that people type: what may be fetched from them. */
#define FETCH_OPTIONS                                                                              \
    {"fetch-allow", "NETWORK,...", "", true, false,                                                \
     "inner networks that sources may be fetched from, as in 10.1.0.0/16; else none"},             \
        {"fetch-limit", "BYTES", "10G", true, false, "largest file that is fetched from an address"}, \
        {"fetch-idle", "TIME", "1m", true, false, "a source that sends nothing for so long is given up"}, \
    {                                                                                              \
        "fetch-time", "TIME", "6h", true, false, "longest time for fetching one file"              \
    }

/* They stand in what visitors are asked, so each process that opens it must read the same. */
#define PRIVACY_OPTIONS                                                                            \
    {"public-url", "URL", "", true, false, "scheme and host of links, when behind a proxy"},       \
        {"portal-name", "TEXT", "Open data", true, false, "name of the portal on its pages"},      \
        {"controller", "TEXT", "", true, false,                                                    \
         "who runs the portal, with address, for the cookie policy; else its name"},               \
        {"consent-days", "N", "180", true, false,                                                  \
         "days after which a cookie choice is asked again"},                                       \
    {                                                                                              \
        "tls-cert", "FILE", "", true, false,                                                       \
            "PEM certificate with its chain, to serve HTTPS; needs --tls-key"                      \
    }

static const struct option_row serve_options[] = {
    DATA_OPTION,
    {"listen", "HOST:PORT", "127.0.0.1:8080", true, false,
     "address to listen on; port 0: any free one"},
    PRIVACY_OPTIONS,
    {"tls-key", "FILE", "", true, false, "PEM key of the certificate, readable by the server only"},
    {"trusted-proxy", "ADDRESS,...", "", true, false,
     "proxies whose X-Forwarded-For is believed: addresses or networks"},
    {"loops", "N", "0", true, false, "event-loop threads; 0: one per core"},
    {"quick-workers", "N", "0", true, false, "small queries at once; 0: two per core"},
    {"bulk-workers", "N", "0", true, false, "threads for exports; 0: one per core"},
    {"queue", "N", "256", true, false, "requests waiting per lane; past it the answer is 503"},
    {"connections", "N", "4096", true, false, "open connections"},
    {"connections-per-address", "N", "0", true, false,
     "open connections of one address; 0: no limit"},
    {"idle-timeout", "TIME", "30s", true, false,
     "longest time for a request to arrive, or without progress"},
    {"quick-deadline", "TIME", "30s", true, false, "longest time for a page; 0: no limit"},
    {"bulk-deadline", "TIME", "1h", true, false, "longest time for an export; 0: no limit"},
    {"job-workers", "N", "1", true, false, "jobs that this process runs at once; 0: none, other nodes do"},
    {"job-keep", "TIME", "90d", true, false, "jobs that ended are deleted after that; 0: never"},
    {"backup-directory", "DIR", "", true, false, "where this node makes backups; off: nowhere; else DATA/backups, with --store nowhere"},
    {"backup-schedule", "daily|weekly|off", "off", true, false, "when a backup is made by itself, after midnight UTC"},
    {"backup-keep", "N", "7", true, false, "backups to keep there; 0: all"},
    FETCH_OPTIONS,
    {"drain", "TIME", "20s", true, false, "time for requests in flight after a signal to stop"},
    {"header-limit", "BYTES", "64K", true, false, "request line and headers"},
    {"stream-buffer", "BYTES", "1M", true, false, "unsent bytes of one export before it waits"},
    {"cache", "BYTES", "256M", true, false, "response cache in memory; 0: none"},
    {"memory", "BYTES", "2G", true, false, "memory of the records engine"},
    {"export-memory", "BYTES", "0", true, false, "memory of the engine for exports; 0: 64M per thread"},
    {"threads", "N", "0", true, false, "threads of the records engine; 0: one per core"},
    {"access-log", "on|off", "on", true, false, "one JSON line per request on standard error"},
    {"statistics", "on|off", "on", true, false, "counts visits, downloads and API calls, anonymously (docs/statistics.md)"},
    {"statistics-public", "on|off", "off", true, false, "shows the figures to everybody: /analytics, the source monitoring"},
    {"statistics-campaigns", "on|off", "off", true, false, "counts page views by utm_campaign, where the law allows it"},
    {"statistics-threshold", "N", "10", true, false, "figures of fewer people than that are not made public"},
    {"statistics-threshold-inside", "N", "5", true, false, "... and not shown in the back office"},
    {"statistics-hours", "DAYS", "40", true, false, "days that figures by the hour are kept"},
    {"statistics-days", "MONTHS", "25", true, false, "months that figures by the day are kept"},
    {"geoip", "FILE|off", "", true, false,
     "countries of IPv4 addresses, FILE6 those of IPv6; else those of Debian's tor-geoipdb if they are there"},
    {"site", "FILE", "", true, false, "settings of look and texts: logo, colours, home page (docs/site.md)"},
    {"language", "CODE", "en", true, false, "language when the visitor's is not offered"},
    {"dcat-ap", "PROFILE[,...]", "", true, false,
     "national profiles under which the catalogue is offered too: ch, de, se, sp, it, vl, benap"},
    {"trusted-origin", "ORIGIN[,...]", "", true, false,
     "further sites whose forms may be sent here, as in https://www.example.org"},
    {"embed-ancestors", "SITES", "*", true, false,
     "sites whose frames may show tables, maps and charts: *, none, or origins as in https://www.example.org"},
    {"session-idle", "TIME", "2h", true, false, "a session ends so long after its last request"},
    {"session-absolute", "TIME", "12h", true, false, "... and so long after sign-in"},
    {"remember-idle", "TIME", "14d", true, false, "the same for those who stay signed in"},
    {"remember-absolute", "TIME", "30d", true, false, "the same for those who stay signed in"},
    {"session-recent", "TIME", "15m", true, false,
     "how long a proof of the password allows dangerous actions"},
    {"second-factor", "ROLE", "none", true, false,
     "people of this role and above must use a second factor"},
    {"smtp-url", "URL", "", true, false, "mail relay, as in smtps://mail.example.org; else no mail"},
    {"smtp-from", "ADDRESS", "", true, false, "sender of mail"},
    {"smtp-user", "NAME", "", true, false, "user at the mail relay"},
    {"smtp-password-file", "FILE", "", true, false, "file with the password at the mail relay"},
    {"upload-limit", "BYTES", "10G", true, false, "largest file that publishers may upload"},
    {"quota-portal", "N", "0", true, false, "API calls a day of all callers; 0: no limit"},
    {"quota-anonymous", "N", "0", true, false,
     "API calls a day from one network without a key or session; 0: no limit"},
    {"quota-user", "N", "0", true, false, "API calls a day of one user; 0: no limit"},
    {"explain-cookies", "on|off", "off", true, false,
     "a header tells why cookies were set; for tests of the portal only"},
};

static const struct option_row import_options[] = {
    {"id", "ID", NULL, false, false, "dataset id: a-z 0-9 - _ (required)"},
    {"title", "TEXT", NULL, false, false, "title of the dataset"},
    {"metadata", "FILE.json", NULL, false, false, "metadata and fields (docs/import.md)"},
    {"format", "NAME", NULL, false, false, "csv, geojson, parquet, xlsx, shp … (docs/import.md); else found out"},
    {"layer", "NAME", NULL, false, false, "layer to import of a file that has several"},
    {"sheet", "NAME|N", NULL, false, false, "sheet of a workbook; else the first visible one with records"},
    {"header-row", "N", NULL, false, false, "row of a sheet that names the columns; 0: none; else found out"},
    {"source-epsg", "N", "0", false, false,
     "reference system of coordinates when the file does not say it, as in 2154"},
    {"type", "FIELD=TYPE", NULL, false, true, "type of a field; may be given several times"},
    {"annotate", "FIELD=A,B=V", NULL, false, true, "annotations of a field, as in facet,unit=km"},
    {"geo-point", "NAME=LAT,LON", NULL, false, true, "a point made of two columns, as in place=lat,lon"},
    {"on-error", "abort|skip|empty", "abort", false, false,
     "rows that do not fit: stop, leave them out, or leave the cell empty"},
    {"replace", NULL, NULL, false, false, "the file's records replace those there are (default)"},
    {"append", NULL, NULL, false, false, "the file's records follow those there are"},
    {"restricted", NULL, NULL, false, false,
     "a new dataset is for administrators only until parvis access says more"},
    {"keep", "N", "3", true, false, "versions to keep"},
    {"memory", "BYTES", "1G", true, false, "memory of the engine while importing"},
    {"threads", "N", "0", true, false, "threads of the engine; 0: one per core"},
    DATA_OPTION,
};

static const struct option_row describe_options[] = {
    {"title", "TEXT", NULL, false, false, "title of the dataset"},
    {"metadata", "FILE.json", NULL, false, false, "description to replace what there is"},
    {"set", "NAME=VALUE", NULL, false, true, "a value, as in dcat.creator=Ada; lists in JSON"},
    {"set-language", "LANG:NAME=V", NULL, false, true, "a value in a language, as in fr:default.title=Lampes"},
    {"unset", "NAME", NULL, false, true, "takes a value away"},
    {"field", "FIELD.label=TEXT", NULL, false, true, "label or description of a field"},
    {"show", NULL, NULL, false, false, "prints the dataset object of the API afterwards"},
    {"label", "FIELD=TEXT", NULL, false, true, "label of a field"},
    {"annotate", "FIELD=A,B=V", NULL, false, true, "annotations of a field"},
    DATA_OPTION,
};

static const struct option_row attach_options[] = {
    {"id", "ID", NULL, false, false, "id of the attachment; else made of the file's name"},
    {"title", "TEXT", NULL, false, false, "title; else the file's name"},
    DATA_OPTION,
};

static const struct option_row export_options[] = {
    {"format", "NAME", "csv", false, false, "csv, json, jsonl, geojson, xlsx, parquet or another (docs/api.md)"},
    {"where", "ODSQL", NULL, false, true, "condition; may be given several times"},
    {"refine", "FIELD:VALUE", NULL, false, true, "only records with this value of a facet"},
    {"exclude", "FIELD:VALUE", NULL, false, true, "no records with this value of a facet"},
    {"select", "ODSQL", NULL, false, false, "fields or expressions"},
    {"group-by", "ODSQL", NULL, false, false, "fields or expressions to group by"},
    {"order-by", "ODSQL", NULL, false, false, "order"},
    {"limit", "N", "-1", false, false, "records at most; -1: all"},
    {"offset", "N", "0", false, false, "records left out at the start"},
    {"lang", "CODE", NULL, false, false, "language of labels and of names of months and days"},
    {"timezone", "ZONE", "UTC", false, false, "zone in which times are read and shown, as in Europe/Brussels"},
    {"use-labels", NULL, NULL, false, false, "labels of fields as headings in place of their names"},
    {"delimiter", "CHARACTER", ";", false, false, "csv: between cells: ; , tab or |"},
    {"list-separator", "TEXT", ",", false, false, "formats without lists: between the values of one"},
    {"quote-all", NULL, NULL, false, false, "csv: quotes around all but numbers, booleans and empty cells"},
    {"with-bom", "on|off", "on", false, false, "csv: byte order mark first"},
    {"parquet-compression", "NAME", "snappy", false, false, "parquet: snappy or zstd"},
    {"epsg", "N", "4326", false, false, "geojson, shp, fgb: reference system of coordinates, as in 2154"},
    {"name-field", "FIELD", NULL, false, false, "gpx: field that gives the name"},
    {"description-field-list", "A,B", NULL, false, false, "gpx: fields that give the description"},
    {"use-extension", "on|off", "on", false, false, "gpx: other fields as extensions, else in the description"},
    {"compressed", NULL, NULL, false, false, "a gzip file"},
    DATA_OPTION,
};

static const struct option_row data_options[] = {DATA_OPTION};

static const struct option_row dataset_options[] = {
    {"title", "TEXT", NULL, false, false, "create: its title"},
    {"owner", "USER", NULL, false, false, "create: who gets all rights for it"},
    {"restricted", NULL, NULL, false, false, "publish: only for those with a rule of their own"},
    {"draft", NULL, NULL, false, false, "withdraw: it is a draft again"},
    {"with", "VERSION", NULL, false, false, "compare: the other version; else the one before"},
    DATA_OPTION,
};

static const struct option_row check_options[] = {
    {"repair", NULL, NULL, false, false, "removes files of attachments that belong to no dataset"},
    DATA_OPTION,
};

static const struct option_row migrate_options[] = {
    {"from", "DIR|URL", NULL, false, false, "data directory, or postgresql://…, that has the portal (required)"},
    {"to", "URL|DIR", NULL, false, false, "the other of the two, with nothing in it (required)"},
    {"memory", "BYTES", "1G", true, false, "memory of the engine"},
    {"threads", "N", "0", true, false, "threads of the engine; 0: one per core"},
    {"store-distribute", "RECORDS", "1000000", true, false,
     "datasets of as many are distributed over workers of Citus, where there are any"},
};

static const struct option_row backup_options[] = {
    {"previous", "DIR", NULL, false, false, "an earlier backup on the same disk; what has not changed is linked to it"},
    {"without-secrets", NULL, NULL, false, false, "leaves out the master secret, passwords, keys and settings"},
    {"memory", "BYTES", "1G", true, false, "with --store: memory of the engine"},
    {"threads", "N", "0", true, false, "with --store: threads of the engine; 0: one per core"},
    DATA_OPTION,
};

static const struct option_row restore_options[] = {
    {"replace", NULL, NULL, false, false, "moves the portal that DIR holds aside; no server may use it"},
    {"memory", "BYTES", "1G", true, false, "memory of the engine"},
    {"threads", "N", "0", true, false, "threads of the engine; 0: one per core"},
    DATA_OPTION,
};

static const struct option_row consent_options[] = {
    {"key", "KEY", NULL, false, false, "verify: public key, base64url or hex; else that of DIR"},
    PRIVACY_OPTIONS,
    DATA_OPTION,
};

static const struct option_row service_options[] = {PRIVACY_OPTIONS, DATA_OPTION};

static const struct option_row user_options[] = {
    {"role", "ROLE", "reader", false, false, "add, invite: reader, editor, publisher or administrator"},
    {"group", "NAME", NULL, false, true, "invite: a group to be in; may be given several times"},
    {"language", "CODE", "en", false, false, "invite: of the letter, when it is sent again with mail"},
    {"name", "TEXT", NULL, false, false, "add: displayed name; else NAME"},
    {"email", "ADDRESS", NULL, false, false, "add: for letters with links"},
    {"second-factor", NULL, NULL, false, false, "reset: take the second factor away, too"},
    {"end", NULL, NULL, false, false, "sessions: end them all"},
    {"public-url", "URL", "", true, false, "scheme and host of links"},
    {"listen", "HOST:PORT", "127.0.0.1:8080", true, false, "port of links when there is no --public-url"},
    DATA_OPTION,
};

static const struct option_row access_options[] = {
    {"restrict", NULL, NULL, false, false, "only those with a rule of their own see the dataset"},
    {"public", NULL, NULL, false, false, "everybody sees the dataset, all of it"},
    {"everyone", NULL, NULL, false, false, "the rule is for everybody without another one"},
    {"group", "NAME", NULL, false, false, "the rule is for the members of a group"},
    {"user", "NAME", NULL, false, false, "the rule is for one user; it replaces those of groups"},
    {"read", NULL, NULL, false, false, "may see the dataset"},
    {"edit", NULL, NULL, false, false, "and change its metadata"},
    {"publish", NULL, NULL, false, false, "and publish versions"},
    {"manage", NULL, NULL, false, false, "and change these rules"},
    {"none", NULL, NULL, false, false, "may not even see it"},
    {"remove", NULL, NULL, false, false, "takes the rule away, so that the more general ones hold"},
    {"filter", "ODSQL", NULL, false, false, "condition for the records that are seen"},
    {"hide", "FIELD", NULL, false, true, "a field that is not seen; may be given several times"},
    DATA_OPTION,
};

static const struct option_row key_options[] = {
    {"name", "TEXT", "command line", false, false, "add: what the key is called"},
    {"write", NULL, NULL, false, false, "add: it may change what its user may; else it may only read"},
    {"expires", "DAY", NULL, false, false, "add: the last day on which it is good, as in 2026-08-29"},
    {"calls", "N", NULL, false, false, "add: calls a day at most; else as many as its user has"},
    DATA_OPTION,
};

static const struct option_row group_options[] = {
    {"name", "TEXT", NULL, false, false, "rename: the new name"},
    {"add", "USER", NULL, false, true, "member: takes a user in"},
    {"remove", "USER", NULL, false, true, "member: takes a user out"},
    DATA_OPTION,
};

static const struct option_row stats_options[] = {
    {"by", "GRAIN", "day", false, false, "export: hour, day or month"},
    {"from", "DAY", NULL, false, false, "first day, as in 2026-11-01; else 29 days ago"},
    {"to", "DAY", NULL, false, false, "last day; else today (UTC)"},
    {"before", "DAY", NULL, false, false, "purge: deletes the figures before that day"},
    {"all", NULL, NULL, false, false, "purge: deletes all figures"},
    DATA_OPTION,
};

static const struct option_row job_options[] = {
    {"state", "STATE", NULL, false, false, "list: waiting, running, done, failed or cancelled ones"},
    {"kind", "KIND", NULL, false, false, "list: of a kind: publish, refresh, export, backup"},
    {"dataset", "ID", NULL, false, false, "list: about a dataset"},
    {"limit", "N", "50", false, false, "list: so many, the newest first"},
    DATA_OPTION,
    FETCH_OPTIONS,
};

#define OPTIONS(rows) rows, ARRAY_LENGTH(rows)

const struct command commands[] = {
    {"serve", "", "Serves the portal and its API over HTTP until a signal stops it.",
     "  parvis serve\n  parvis serve --listen 0.0.0.0:9000 --data /srv/parvis\n",
     OPTIONS(serve_options), 0, false, command_serve},
    {"import", "FILE", "Publishes a file as a new version of a dataset; FILE - is standard input.",
     "  parvis import communes.csv --id communes --title 'Communes' --type code=text\n"
     "  parvis import flights.parquet --id flights --annotate origin=facet,sortable\n"
     "  parvis import january.csv --id counts --append\n"
     "  parvis import stops.txt --id stops --geo-point place=stop_lat,stop_lon\n"
     "  curl -s https://example.org/data.csv | parvis import - --id data\n",
     OPTIONS(import_options), 1, false, command_import},
    {"list", "", "Lists the datasets: id, version, records, title.", "  parvis list\n",
     OPTIONS(data_options), 0, true, command_list},
    {"describe", "ID", "Shows a dataset, or changes its title, metadata, labels and annotations.",
     "  parvis describe communes --show\n"
     "  parvis describe communes --title 'Communes of France' --annotate region=facet\n"
     "  parvis describe communes --set 'default.keyword=[\"map\"]' --set-language fr:title=Communes\n"
     "  parvis describe communes --metadata dataset.json\n",
     OPTIONS(describe_options), 1, true, command_describe},
    {"attach", "ID [FILE]", "Attaches a file to a dataset in place of one of the same id, or lists them.",
     "  parvis attach communes guide.pdf --title 'How to read the codes'\n  parvis attach communes\n",
     OPTIONS(attach_options), 1, true, command_attach},
    {"detach", "ID ATTACHMENT", "Takes an attachment away.", "  parvis detach communes guide_pdf\n",
     OPTIONS(data_options), 2, true, command_detach},
    {"export", "ID", "Writes the records of a dataset to standard output.",
     "  parvis export communes --where 'population > 100000' --order-by '-population'\n"
     "  parvis export communes --delimiter , --with-bom off --use-labels --lang fr >communes.csv\n"
     "  parvis export communes --format shp --epsg 2154 >communes.zip\n",
     OPTIONS(export_options), 1, true, command_export},
    {"dataset", "ACTION ID [VERSION]",
     "Datasets: create, show, publish, withdraw, remove; versions, compare, rollback, pin, unpin, drop, keep.",
     "  parvis dataset create trees --title 'Trees' --owner ada\n  parvis dataset publish trees\n"
     "  parvis dataset withdraw trees --draft\n  parvis dataset versions trees\n"
     "  parvis dataset compare trees 3 --with 2\n  parvis dataset rollback trees 2\n"
     "  parvis dataset pin trees 2\n  parvis dataset keep trees 10\n",
     OPTIONS(dataset_options), 2, false, command_dataset},
    {"remove", "ID", "Removes a dataset with all its versions.", "  parvis remove communes\n",
     OPTIONS(data_options), 1, true, command_remove},
    {"check", "", "Checks that every version that is kept has its records, and every attachment its file.",
     "  parvis check --data /srv/parvis\n  parvis check --repair\n", OPTIONS(check_options), 0, true, command_check},
    {"migrate", "", "Moves a whole portal from a data directory into PostgreSQL, or back (docs/migrate.md).",
     "  parvis migrate --from /srv/parvis --to postgresql://parvis@db.example.org/parvis\n"
     "  parvis migrate --from postgresql://parvis@db.example.org/parvis --to /srv/parvis\n",
     OPTIONS(migrate_options), 0, false, command_migrate},
    {"backup", "[verify] TARGET",
     "Copies a portal while it serves, into a directory, FILE.tar.zst or - (docs/back-office.md).",
     "  parvis backup /backup/monday --data /srv/parvis\n"
     "  parvis backup /backup/tuesday --previous /backup/monday\n"
     "  parvis backup - | ssh backup.example.org 'cat >parvis.tar.zst'\n"
     "  parvis backup verify /backup/tuesday\n",
     OPTIONS(backup_options), 1, false, command_backup},
    {"restore", "SOURCE", "Makes a portal of a backup, in an empty directory or database, and checks it.",
     "  parvis restore /backup/tuesday --data /srv/parvis\n"
     "  parvis restore parvis.tar.zst --data /srv/parvis --replace\n"
     "  ssh backup.example.org 'cat parvis.tar.zst' | parvis restore - --data /srv/parvis\n"
     "  parvis restore /backup/tuesday --store postgresql://parvis@db.example.org/parvis\n",
     OPTIONS(restore_options), 1, false, command_restore},
    {"consent", "ACTION [FILE]",
     "Verifies a receipt of consent, or prints their key, figures of consent, the declaration.",
     "  parvis consent verify receipt.json\n"
     "  parvis consent verify - --key 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo <receipt.json\n"
     "  parvis consent key\n  parvis consent figures >figures.csv\n"
     "  parvis consent declaration\n",
     OPTIONS(consent_options), 1, false, command_consent},
    {"service", "ACTION [WHAT]",
     "Declares (add FILE), lists, shows or removes (ID) external services that pages may embed.",
     "  parvis service add videos.json\n  parvis service list\n  parvis service show videos\n"
     "  parvis service remove videos\n",
     OPTIONS(service_options), 1, true, command_service},
    {"user", "ACTION [NAME] [ROLE]",
     "Accounts: add, invite, list, disable, enable, role, reset (a link to set a password), sessions.",
     "  parvis user add ada --role editor --name 'Ada Lovelace' --email ada@example.org\n"
     "  parvis user invite grace@example.org --role publisher --group planners\n"
     "  parvis user list\n  parvis user role ada publisher\n  parvis user disable ada\n"
     "  parvis user reset ada --second-factor\n  parvis user sessions ada --end\n",
     OPTIONS(user_options), 1, false, command_user},
    {"group", "ACTION [NAME]",
     "Groups of users: add, list, rename, remove, member (shows and changes who is in).",
     "  parvis group add planners\n  parvis group member planners --add ada --add grace\n"
     "  parvis group rename planners --name 'City planners'\n  parvis group list\n  parvis group remove planners\n",
     OPTIONS(group_options), 1, true, command_group},
    {"access", "ID", "Shows who may do what with a dataset, and changes it (docs/permissions.md).",
     "  parvis access permits\n  parvis access permits --restrict\n"
     "  parvis access permits --group planners --edit\n"
     "  parvis access permits --everyone --read --filter 'status = \"granted\"' --hide applicant\n"
     "  parvis access permits --user ada --remove\n  parvis access permits --public\n",
     OPTIONS(access_options), 1, true, command_access},
    {"stats", "ACTION", "Statistics: show (totals), export (CSV), purge (docs/statistics.md).",
     "  parvis stats show --from 2026-11-01 --to 2026-11-30\n"
     "  parvis stats export --by month --from 2025-01-01 >figures.csv\n"
     "  parvis stats purge --before 2026-01-01\n",
     OPTIONS(stats_options), 1, true, command_stats},
    {"key", "ACTION [USER|NUMBER]", "API keys: list (of one user or all), add (prints the key, once), revoke.",
     "  parvis key list\n  parvis key list ada\n  parvis key add ada --name nightly --write --expires 2027-12-31\n"
     "  parvis key revoke 7\n",
     OPTIONS(key_options), 1, true, command_key},
    {"routes", "", "Lists what the server answers and for whom, one JSON object a line.", "  parvis routes\n",
     NULL, 0, 0, false, command_routes},
    {"job", "ACTION [ID]", "Jobs: list, show, cancel, retry, run (works off what waits).",
     "  parvis job list --state failed\n  parvis job show 12\n  parvis job cancel 12\n  parvis job retry 12\n"
     "  parvis job run\n",
     OPTIONS(job_options), 1, true, command_job},
    {"version", "", "Prints the version.", "  parvis version\n", NULL, 0, 0, false,
     command_version},
};

const size_t command_count = ARRAY_LENGTH(commands);

bool setting_is_known(str name)
{
    for (size_t i = 0; i < command_count; i++) {
        for (size_t j = 0; j < commands[i].option_count; j++) {
            const struct option_row *row = &commands[i].options[j];
            if (row->is_setting && str_eq(str_from(row->name), name)) {
                return true;
            }
        }
    }
    return false;
}
