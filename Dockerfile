# The serving image: no TensorFlow, no compiler, no root; writes to /tmp, /dev/shm and /var/cache/portal only.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --only-binary :all: -r requirements.txt

COPY app.py ./
COPY docs docs
COPY models models
COPY notebooks notebooks
COPY portal portal
COPY static static
COPY templates templates

RUN useradd --no-create-home --uid 10001 portal \
    && install --directory --owner portal --mode 0700 /var/cache/portal
USER portal

# Reached from outside, it starts with accounts (AUTH_FILE) or with ALLOW_ANONYMOUS=1 only.
ENV HOST=0.0.0.0 \
    PORT=8000 \
    CACHE_DIR=/var/cache/portal
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["python", "-m", "portal"]
