#!/bin/sh
# What lab-http answers, by BusyBox's httpd.
read -r name </etc/hostname
printf 'Content-Type: text/plain\r\nX-Node: %s\r\n\r\n%s %s\n' "$name" "$name" "${REMOTE_ADDR#::ffff:}"
