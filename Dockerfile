# The sidecar and the command line in one image. Mount partner files and templates at /workspace.
# The jobs of partnergate.gitlab-ci.yml run in it, too.
ARG PYTHON_IMAGE=python:3.11-slim@sha256:db3ff2e1800a8581e2c48a27c3995339d47bdf046da21c7627accd3d51053a93

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
RUN python -m venv /opt/partnergate
COPY scripts/locks/image.txt ./
RUN /opt/partnergate/bin/python -m pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: \
    --requirement image.txt
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /opt/partnergate/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${PYTHON_IMAGE}
# Fonts for PDF statements with names in non-Latin scripts.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-dejavu-core fonts-droid-fallback \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /workspace partnergate
COPY --from=build /opt/partnergate /opt/partnergate
ENV PATH=/opt/partnergate/bin:$PATH
USER 10001
WORKDIR /workspace
EXPOSE 8000
# -I leaves the working directory, which holds partner files, out of Python's module path.
ENTRYPOINT ["/opt/partnergate/bin/python", "-I", "-m", "partnergate"]
CMD ["serve"]
