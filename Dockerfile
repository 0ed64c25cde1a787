# One image for the API and for the worker; compose.yaml says which is which.
FROM python:3.11-slim-bookworm AS build
RUN python -m venv /opt/limitless
ENV PATH=/opt/limitless/bin:$PATH
WORKDIR /source
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md ./
COPY core core
COPY agent agent
COPY api api
COPY ingestion_worker ingestion_worker
COPY cli cli
COPY web web
COPY supabase supabase
RUN pip install --no-cache-dir --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home limitless \
    && install --directory --owner limitless /data
COPY --from=build /opt/limitless /opt/limitless
ENV PATH=/opt/limitless/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8000
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["limitless"]
CMD ["serve", "--no-worker"]
