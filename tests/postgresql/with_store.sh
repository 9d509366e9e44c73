# Runs the program with a database of its own for the data directory at hand. Read by a script that
# tests/api/store.mjs writes, which sets program, databases, psql, url_head and url_tail.
# shellcheck shell=sh disable=SC2154
data=${PARVIS_DATA:-./data}
previous=
for word in "$@"; do
    [ "$previous" = --data ] && data=$word
    case $word in
    --) break ;;
    --data=*) data=${word#--data=} ;;
    --store | --store=*) exec "$program" "$@" ;; # the test chose one itself
    esac
    previous=$word
done
if [ -n "$data" ] && [ -z "${PARVIS_STORE:-}" ]; then
    # With the folder of this run: ./data of two tests at a time is not the same database.
    name=$(printf '%s\n%s\n' "$databases" "$(realpath -m -- "$data")" | md5sum)
    name=parvis_${name%% *}
    if [ ! -e "$databases/$name" ]; then
        (
            flock 9
            [ -e "$databases/$name" ] ||
                { if [ -n "${create:-}" ]; then $create "$name"; else $psql -c "create database $name template portal owner portal"; fi &&
                    : >"$databases/$name"; }
        ) 9>"$databases/lock" || exit 70
    fi
    PARVIS_STORE=$url_head$name$url_tail
    export PARVIS_STORE
fi
exec "$program" "$@"
