#!/bin/sh
# Unpacks Debian's Kannel and the libraries it wants under .tools/kannel, without installing them;
# tests/journeys/test_gateway.py runs it where it is there. Needs apt (Debian 12 or a kin).
set -eu
folder=.tools/kannel
[ -x "$folder/usr/sbin/bearerbox" ] && exit 0
mkdir -p "$folder/packages"
(cd "$folder/packages" && apt-get download kannel libmariadb3 libpcre3 libhiredis0.14 libct4)
for package in "$folder"/packages/*.deb; do
    dpkg-deb -x "$package" "$folder"
done
rm -r "$folder/packages"
"$folder/usr/sbin/bearerbox" --version >/dev/null 2>&1 ||
    LD_LIBRARY_PATH="$folder/usr/lib/x86_64-linux-gnu:$folder/lib/x86_64-linux-gnu" \
        "$folder/usr/sbin/bearerbox" --version | head -1
