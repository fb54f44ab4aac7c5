# One image for web, worker and beat: static files built in, nothing writable but /srv/inkstone/data.

FROM python:3.11-slim AS packages
WORKDIR /srv/inkstone
COPY requirements.txt ./
RUN python -m venv /srv/venv \
    && /srv/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.11-slim
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/srv/inkstone/data \
    STATIC_ROOT=/srv/inkstone/static-built \
    STATIC_BUILT=true \
    LOG_FORMAT=json \
    DRAIN_FILE=/tmp/inkstone-drain \
    BIND=0.0.0.0:8000
# The pictures of shared posts are drawn with these; without them only Latin letters are. ffmpeg is
# for videos; without it uploads of them are refused.
ARG FONTS="fonts-noto-core fonts-noto-cjk fonts-dejavu-core"
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends $FONTS ffmpeg \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /srv/inkstone --shell /usr/sbin/nologin inkstone
WORKDIR /srv/inkstone
COPY --from=packages /srv/venv /srv/venv
COPY . .
# Building needs no secret and no database: a throw-away data folder serves.
RUN python -m compileall -q . \
    && DATA_DIR=/tmp/build python manage.py collectstatic --noinput -v 0 \
    && rm -rf /tmp/build \
    && mkdir -p data && chown inkstone:inkstone data
USER inkstone
VOLUME /srv/inkstone/data
EXPOSE 8000
# Gunicorn and Celery both end what they are doing on SIGTERM.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "deploy/healthcheck.py"]
CMD ["gunicorn", "-c", "deploy/gunicorn.conf.py", "config.wsgi"]
