# The tool for an institution: gunicorn and PostgreSQL. See README.md for one machine without it.
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/lti-peer
COPY requirements.lock requirements-server.lock ./
RUN /opt/lti-peer/bin/pip install --no-cache-dir --require-hashes -r requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY lti_peer lti_peer
COPY xapi xapi
COPY config config
RUN /opt/lti-peer/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --system --create-home --home-dir /var/lib/lti-peer lti-peer
COPY --from=build /opt/lti-peer /opt/lti-peer
COPY config/gunicorn.conf.py /etc/lti-peer/gunicorn.conf.py
ENV PATH=/opt/lti-peer/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LTI_PEER_DATA_DIR=/var/lib/lti-peer/data \
    LTI_PEER_WORKER_IN_WEB=false
USER lti-peer
WORKDIR /var/lib/lti-peer
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
# The worker is the same image with another command: lti-peer worker
CMD ["gunicorn", "--config", "/etc/lti-peer/gunicorn.conf.py"]
