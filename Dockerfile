# One image for every process: web (the default), live, worker.
FROM python:3.11-slim-bookworm AS build
WORKDIR /pulse
COPY requirements-uv.lock requirements.lock ./
RUN python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
 && .venv/bin/uv pip install --no-cache --compile-bytecode --require-hashes --python .venv/bin/python -r requirements.lock \
 && .venv/bin/pip uninstall --yes --quiet uv

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /pulse pulse && install -d -m 700 -o pulse /data
WORKDIR /pulse
COPY --from=build /pulse/.venv .venv
COPY manage.py ./
COPY pulse pulse
COPY accounts accounts
COPY chat chat
COPY groups groups
COPY media media
COPY templates templates
ENV PATH=/pulse/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PULSE_DATA_DIR=/data PULSE_STATIC_ROOT=/pulse/static HOST=0.0.0.0 PORT=8000
RUN pybabel --quiet compile --domain django --directory pulse/locale
# Gathered here once, under settings that open nothing: no server answers at build time.
RUN DATABASE_URL=postgres://build SECRET_KEY=build ALLOWED_HOSTS=build PUBLIC_URL=https://build EMAIL_URL=smtp://build \
    python manage.py collectstatic --noinput --verbosity 0
USER pulse
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["python", "manage.py", "serve", "web"]
