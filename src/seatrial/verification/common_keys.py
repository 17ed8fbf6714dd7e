"""Keys that are not secret: the ones of tutorials, templates, defaults and haste."""

from __future__ import annotations

COMMON = tuple(
    """
secret secretkey secret_key secret-key SECRET SECRET_KEY secret123 supersecret super-secret super_secret
supersecretkey super-secret-key super_secret_key mysecret my-secret my_secret mysecretkey my-secret-key my_secret_key
changeme change-me change_me changethis change-this CHANGE_ME CHANGEME changeit change-in-production
change-me-in-production change_me_in_production changeme-in-production please-change-me your-secret your_secret
your-secret-key your_secret_key your-secret-key-here your_secret_key_here your-super-secret-key
your-super-secret-jwt-key your-super-secret-key-change-in-production your-secret-key-change-in-production
your-secret-key-change-this-in-production your-256-bit-secret your-384-bit-secret your-512-bit-secret
your-jwt-secret your_jwt_secret your-jwt-secret-key jwt jwtsecret jwt-secret jwt_secret jwt_secret_key jwt-secret-key
JWT_SECRET JWT_SECRET_KEY jwtsecretkey my-jwt-secret better-auth-secret better_auth_secret better-auth-secret-123456789
password password123 passw0rd admin admin123 root test test123 testing testsecret test-secret test_secret
test-secret-key dev devsecret dev-secret dev_secret dev-secret-key dev_secret_key development development-secret
local localsecret default default-secret default_secret_key insecure insecure-secret-key example example-secret
placeholder none null undefined key private privatekey token tokensecret auth auth-secret auth_secret app app-secret
fastapi fastapi-secret django-insecure flask-secret 123 1234 12345 123456 1234567 12345678 123456789 1234567890
0123456789abcdef qwerty letmein abc abc123 abcdef a x foo bar foobar hello helloworld s3cr3t s3cret S3cr3t
09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7
d8e8fca2dc0f896fd7cb4cb0031ba249
""".split()
) + ("", " ", "super secret key", "my secret key", "a-string-secret-at-least-256-bits-long")
"""The long hexadecimal ones are those of FastAPI's own tutorial and of a much copied template."""
