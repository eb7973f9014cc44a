"""The routes of the stand-in ministries."""

from gateway.ministries.api import business, personas, tasks, welfare

routers = (tasks.router, personas.router, business.router, welfare.router)
