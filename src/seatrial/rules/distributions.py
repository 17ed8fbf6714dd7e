"""Which distribution provides an import name, where the two differ, and which names are well known to be distributions.

Only what cannot be read from anything installed is listed; an installed distribution's own metadata goes first.
Source: the projects' pages on PyPI.
"""

from __future__ import annotations

import re

# Import name (dotted where a namespace is shared), then the requirement as it should be declared.
_DIFFERENT = {
    line.split()[0]: line.split()[1]
    for line in """
    Crypto pycryptodome
    Cryptodome pycryptodomex
    MySQLdb mysqlclient
    OpenSSL pyopenssl
    PIL pillow
    absl absl-py
    agents openai-agents
    chatkit openai-chatkit
    alipay python-alipay-sdk
    attr attrs
    autogen pyautogen
    bs4 beautifulsoup4
    camelot camelot-py
    compose docker-compose
    cv2 opencv-python-headless
    dateutil python-dateutil
    logtail logtail-python
    decouple python-decouple
    discord discord.py
    docx python-docx
    dotenv python-dotenv
    engineio python-engineio
    environ django-environ
    faiss faiss-cpu
    fastapi_cache fastapi-cache2
    fitz PyMuPDF
    git GitPython
    github PyGithub
    gitlab python-gitlab
    google.api_core google-api-core
    google.auth google-auth
    google.cloud.aiplatform google-cloud-aiplatform
    google.cloud.bigquery google-cloud-bigquery
    google.cloud.firestore google-cloud-firestore
    google.cloud.logging google-cloud-logging
    google.cloud.pubsub google-cloud-pubsub
    google.cloud.secretmanager google-cloud-secret-manager
    google.cloud.speech google-cloud-speech
    google.cloud.storage google-cloud-storage
    google.cloud.tasks google-cloud-tasks
    google.cloud.texttospeech google-cloud-texttospeech
    google.cloud.translate google-cloud-translate
    google.cloud.vision google-cloud-vision
    google.generativeai google-generativeai
    google.genai google-genai
    google.oauth2 google-auth
    google.protobuf protobuf
    googleapiclient google-api-python-client
    graphql graphql-core
    grpc grpcio
    grpc_status grpcio-status
    gridfs pymongo
    bson pymongo
    haystack haystack-ai
    imblearn imbalanced-learn
    jose python-jose[cryptography]
    jwt PyJWT
    kafka kafka-python
    keycloak python-keycloak
    ldap python-ldap
    magic python-magic
    markdown_it markdown-it-py
    memcache python-memcached
    multipart python-multipart
    mysql mysql-connector-python
    nacl PyNaCl
    opentelemetry opentelemetry-api
    opentelemetry.sdk opentelemetry-sdk
    opentelemetry.instrumentation.fastapi opentelemetry-instrumentation-fastapi
    opentelemetry.exporter.otlp opentelemetry-exporter-otlp
    pkg_resources setuptools<81
    playhouse peewee
    pptx python-pptx
    psycopg psycopg[binary]
    psycopg2 psycopg2-binary
    pythonjsonlogger python-json-logger
    rest_framework djangorestframework
    saml2 pysaml2
    serial pyserial
    skimage scikit-image
    sklearn scikit-learn
    slugify python-slugify
    snowflake snowflake-connector-python
    socketio python-socketio
    socks PySocks
    speech_recognition SpeechRecognition
    sqlalchemy SQLAlchemy
    strawberry strawberry-graphql
    telegram python-telegram-bot
    telebot pyTelegramBotAPI
    tortoise tortoise-orm
    ulid python-ulid
    umap umap-learn
    usb pyusb
    uuid_extensions uuid7
    uvicorn uvicorn[standard]
    vertexai google-cloud-aiplatform
    websocket websocket-client
    whisper openai-whisper
    win32api pywin32
    wx wxPython
    yaml PyYAML
    zmq pyzmq
    """.strip().splitlines()
}

# Names that are their own distribution's and common enough in backends that a file of the same name proves nothing.
_SAME = frozenset(
    """
    PyPDF2 aiobotocore aiofiles aiohttp aiokafka aiomysql aioredis aiosmtplib aiosqlite alembic anthropic anyio
    apscheduler argon2 arq asyncmy asyncpg asyncpg_listen authlib azure bcrypt beanie better_profanity black boto3
    botocore cachetools celery certifi cffi chardet chromadb click cloudinary cohere croniter cryptography deepl dns
    docker dramatiq elasticsearch email_validator emails exponent_server_sdk factory faker fastapi fastapi_limiter
    fastapi_mail fastapi_pagination fastapi_users filelock firebase_admin flask flask_cors geopy google_auth_oauthlib
    greenlet groq gunicorn h11 h2 hdbcli httptools httpx huggingface_hub hypercorn hypothesis idna itsdangerous jinja2
    joblib jsonschema kombu langchain langchain_anthropic langchain_chroma langchain_community langchain_core
    langchain_experimental langchain_google_genai langchain_groq langchain_huggingface langchain_ollama
    langchain_openai langchain_pinecone langchain_postgres langchain_text_splitters langfuse langgraph ldap3 limits
    litellm llama_index logfire loguru lxml mangum markdown markdown2 matplotlib mcp minio mistralai mongoengine motor
    msgpack multidict networkx newrelic nltk numba numpy oauthlib odmantic ollama openai openapi_spec_validator
    openpyxl orjson pandas passlib peewee pendulum pgvector phonenumbers pika pinecone playwright polars pony prisma
    prometheus_client prometheus_fastapi_instrumentator psutil psycopg_pool pyarrow pydantic pydantic_ai pydantic_core
    pydantic_extra_types pydantic_settings pymongo pymysql pyotp pypdf pytest python_multipart pytz pywebpush
    qdrant_client qrcode rapidfuzz razorpay redis redis_om regex reportlab requests respx rich scipy seaborn sendgrid
    sentence_transformers sentry_sdk shortuuid simplejson six slack_sdk slowapi sniffio spacy sqladmin sqlalchemy
    sqlalchemy_utils sqlmodel sse_starlette starlette starlette_context stripe structlog supabase svix tabulate taskiq
    taskiq_redis tenacity tensorflow tiktoken toml tomli torch torchvision tqdm transformers twilio typer tzlocal
    ujson ulid unidecode unstructured urllib3 user_agents uuid6 uvicorn uvloop validators watchfiles weasyprint
    webauthn websockets werkzeug xgboost xlsxwriter yarl zeep
    """.split()
)


def requirement_for(module: str) -> str:
    """What to declare so that this import works: the listed distribution, else the one of the same name."""
    parts = module.split(".")
    names = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    listed = next((_DIFFERENT[name] for name in names if name in _DIFFERENT), None)
    return listed or parts[0].replace("_", "-")


def is_well_known(top: str) -> bool:
    """Whether this top-level import name is a distribution's that backends commonly use."""
    return top in _SAME or any(name.partition(".")[0] == top for name in _DIFFERENT)


def normalised(name: str) -> str:
    """A distribution's name as PEP 503 compares it; extras, version and marker cut off."""
    bare = re.split(r"[\s\[<>=!~;@(]", name.strip(), maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", bare).lower()
