# The sidecar and the command line in one image. Mount partner files and templates at /workspace.
FROM python:3.11-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN pip wheel --no-cache-dir --wheel-dir /wheels '.[postgresql,export]'

FROM python:3.11-slim
# Fonts for PDF statements with names in non-Latin scripts.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-dejavu-core fonts-droid-fallback \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /workspace partnergate
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links=/wheels 'partnergate[postgresql,export]' && rm -rf /wheels
USER 10001
WORKDIR /workspace
EXPOSE 8000
ENTRYPOINT ["partnergate"]
CMD ["serve"]
