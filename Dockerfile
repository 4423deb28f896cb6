# The service in a container: `serve` (the default), `work`, `migrate`, or any other command of `firstclaim`.
#
#     docker build -t firstclaim .
#     docker run -p 8000:8000 -v firstclaim:/data firstclaim

FROM python:3.13-slim AS environment
COPY requirements.lock /tmp/
# The lock's first part is what the service runs on; what development adds stays out.
RUN sed '/^# from here on, what development adds:$/,$d' /tmp/requirements.lock > /tmp/runtime.lock \
    && python -m venv /opt/firstclaim \
    && /opt/firstclaim/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /tmp/runtime.lock \
    && /opt/firstclaim/bin/pip uninstall --yes pip

FROM python:3.13-slim
COPY --from=environment /opt/firstclaim /opt/firstclaim
WORKDIR /srv/firstclaim
COPY domain domain
COPY projections projections
COPY service service
COPY api api
RUN /opt/firstclaim/bin/python -m compileall -q . \
    && useradd --system --uid 10001 --no-create-home firstclaim \
    && install -d -o firstclaim -g firstclaim -m 0700 /data
ENV PATH=/opt/firstclaim/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/srv/firstclaim \
    FIRSTCLAIM_DATA_DIR=/data \
    FIRSTCLAIM_HOST=0.0.0.0 \
    FIRSTCLAIM_PORT=8000
USER 10001
VOLUME /data
EXPOSE 8000
# For `serve`. A `work` answers no HTTP: run it with --no-healthcheck (compose: healthcheck: {disable: true}).
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"FIRSTCLAIM_PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "service.cli"]
CMD ["serve"]
