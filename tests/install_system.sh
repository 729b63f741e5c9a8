#!/usr/bin/env bash
# What the tests need besides Python packages: Chromium, Redis, PostgreSQL, a few fonts.
# Debian and Ubuntu as root: installed. Homebrew: installed. Elsewhere: said what to install.
set -euo pipefail

missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
  || command -v google-chrome >/dev/null \
  || [ -d "/Applications/Google Chrome.app" ] || [ -d "/Applications/Chromium.app" ] \
  || missing+=(chromium fonts-liberation)
command -v redis-server >/dev/null || missing+=(redis-server)
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
  || missing+=(postgresql)
[ ${#missing[@]} -eq 0 ] && exit 0

echo "Installing for the tests: ${missing[*]}"
if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
elif command -v brew >/dev/null; then
  for name in "${missing[@]}"; do
    case "$name" in
      fonts-liberation) ;;
      chromium) brew install --quiet --cask chromium ;;
      redis-server) brew install --quiet redis ;;
      postgresql) brew install --quiet postgresql ;;
    esac
  done
else
  echo "Please install ${missing[*]} with your system's package manager, then run make test again." >&2
  exit 1
fi
