// This service on Railway, as code. `railway config plan` shows what would change, `railway config apply` does it.
// Secrets stay in Railway: preserve() keeps the value that is set there.
import { defineRailway, preserve, project, service } from "railway/iac";

export default defineRailway(() => {
  const api = service("tasks-backend", {
    rootDirectory: "backend",
    build: { builder: "DOCKERFILE", dockerfilePath: "Dockerfile" },
    preDeploy: "python -m alembic upgrade head",
    healthcheck: "/health",
    healthcheckTimeout: 120,
    deploy: {
      drainingSeconds: 30,
      overlapSeconds: 10,
      restartPolicyType: "ON_FAILURE",
      restartPolicyMaxRetries: 10,
    },
    env: {
      DATABASE_URL: preserve(),
      JWT_SECRET: preserve(),
      BETTER_AUTH_SECRET: preserve(),
      BETTER_AUTH_URL: preserve(),
      CORS_ORIGINS: preserve(),
      REDIS_URL: preserve(),
    },
  });

  return project("tasks-backend", { resources: [api] });
});
// Written by `seatrial prepare` 5a36c2b1d5ae: it is kept in step until you change it; then it is yours.
