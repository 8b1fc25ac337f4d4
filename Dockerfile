# Two images from one file: `--target api` and `--target bot`. They share `spelling/` and
# `content/` and nothing else; neither needs a shell, a package index or the internet to run.

FROM python:3.11-slim AS api-build
WORKDIR /app
RUN pip install --no-cache-dir uv
COPY requirements.lock ./
RUN uv venv .venv && VIRTUAL_ENV=/app/.venv uv pip sync --require-hashes requirements.lock

FROM python:3.11-slim AS api
WORKDIR /app
RUN useradd --system --uid 10001 sahi && mkdir /data && chown sahi /data
COPY --from=api-build /app/.venv .venv
COPY content content
COPY spelling spelling
COPY api api
USER sahi
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 SAHI_ENVIRONMENT=production SAHI_DATA_DIR=/data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["python", "-m", "api.cli", "serve", "--host", "0.0.0.0", "--port", "8000"]

FROM python:3.10-slim AS bot-build
WORKDIR /app
RUN pip install --no-cache-dir uv
COPY bot/requirements.lock requirements.lock
RUN uv venv .venv && VIRTUAL_ENV=/app/.venv uv pip sync --require-hashes requirements.lock
COPY content content
COPY spelling spelling
COPY bot bot
RUN PYTHONPATH=/app:/app/bot RASA_TELEMETRY_ENABLED=false .venv/bin/python -m bot.train

FROM python:3.10-slim AS bot
WORKDIR /app
RUN useradd --system --uid 10001 sahi && mkdir /data && chown sahi /data
COPY --from=bot-build /app/.venv .venv
COPY --from=bot-build /app/content content
COPY --from=bot-build /app/spelling spelling
COPY --from=bot-build /app/bot bot
USER sahi
ENV PATH=/app/.venv/bin:$PATH PYTHONPATH=/app:/app/bot PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false BOT_HOST=0.0.0.0 BOT_PORT=5005 SAHI_BOT_CACHE=/data
EXPOSE 5005
CMD ["python", "-m", "bot.run"]
