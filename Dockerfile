# Everything in one process, as `make run` starts it. See docs/providers.md for the profile `local`.
FROM python:3.12-slim

WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE vivavoce.py config.yaml ./
COPY agent agent
COPY scoring scoring
COPY server server
COPY sessions sessions
COPY web web
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && useradd --create-home vivavoce && mkdir var && chown vivavoce var

USER vivavoce
VOLUME /app/var
EXPOSE 8080 8081
CMD ["vivavoce", "run"]
