"""The list of posts as a FastAPI service: async SQLAlchemy 2 on asyncpg, served by Uvicorn.

Written as FastAPI's and SQLAlchemy's own guides do it: mapped classes, a session for each
request, `selectinload` for what belongs to a post (so four queries for a page), response models
by Pydantic. It reads the tables that Inkstone made. It never imports Inkstone.
"""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, DateTime, ForeignKey, Table, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, defer, mapped_column, relationship, selectinload

SITE_URL = os.environ["SITE_URL"]
engine = create_async_engine(os.environ["PEER_DATABASE_URL"])
make_session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
T = TypeVar("T")


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True)}


class Term:
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    description: Mapped[str]


class Category(Term, Base):
    __tablename__ = "blog_category"

    @property
    def url(self) -> str:
        return f"{SITE_URL}/categories/{quote(self.slug)}/"


class Tag(Term, Base):
    __tablename__ = "blog_tag"

    @property
    def url(self) -> str:
        return f"{SITE_URL}/tags/{quote(self.slug)}/"


class User(Base):
    __tablename__ = "accounts_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    display_name: Mapped[str]

    @property
    def name(self) -> str:
        return self.display_name or self.username


class PostAuthor(Base):
    __tablename__ = "blog_postauthor"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("blog_post.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("accounts_user.id"))
    position: Mapped[int]
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


post_tags = Table(
    "blog_post_tags",
    Base.metadata,
    Column("post_id", ForeignKey("blog_post.id"), primary_key=True),
    Column("tag_id", ForeignKey("blog_tag.id"), primary_key=True),
)


class Post(Base):
    __tablename__ = "blog_post"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    slug: Mapped[str]
    subtitle: Mapped[str]
    language: Mapped[str]
    excerpt: Mapped[str]
    derived_excerpt: Mapped[str]
    body: Mapped[str]
    status: Mapped[str]
    visibility: Mapped[str]
    featured: Mapped[bool]
    word_count: Mapped[int]
    reading_minutes: Mapped[int]
    published_at: Mapped[datetime | None]
    unpublish_at: Mapped[datetime | None]
    trashed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("blog_category.id"))
    category: Mapped[Category | None] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=post_tags, order_by=(Tag.name, Tag.slug))
    byline: Mapped[list[PostAuthor]] = relationship(order_by=PostAuthor.position)

    @property
    def url(self) -> str:
        return f"{SITE_URL}/posts/{quote(self.slug)}/"

    @property
    def summary(self) -> str:
        return self.excerpt or self.derived_excerpt

    @property
    def authors(self) -> list[User]:
        return [entry.user for entry in self.byline]

    @property
    def author_name(self) -> str:
        return self.byline[0].user.name if self.byline else ""


class FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TermOut(FromRow):
    id: int
    name: str
    slug: str
    description: str
    url: str


class AuthorOut(FromRow):
    username: str
    name: str


class PostOut(FromRow):
    id: int
    title: str
    slug: str
    subtitle: str
    url: str
    summary: str
    language: str
    category: TermOut | None
    tags: list[TermOut]
    authors: list[AuthorOut]
    author_name: str
    status: str
    featured: bool
    word_count: int
    reading_minutes: int
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


class PostWithBody(PostOut):
    body: str


class PageOut(BaseModel, Generic[T]):
    count: int
    next: str | None
    previous: str | None
    results: list[T]


async def get_session() -> AsyncIterator[AsyncSession]:
    async with make_session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]
PageNumber = Annotated[int, Query(ge=1)]
PageSize = Annotated[int, Query(ge=1, le=100)]


def live():
    """What anyone may read now."""
    now = datetime.now(UTC)
    return (
        Post.status == "published",
        Post.visibility == "public",
        Post.trashed_at.is_(None),
        Post.published_at <= now,
        or_(Post.unpublish_at.is_(None), Post.unpublish_at > now),
    )


RELATED = (selectinload(Post.category), selectinload(Post.tags), selectinload(Post.byline))


async def page_of(session: AsyncSession, request: Request, page: int, size: int, *options) -> dict:
    conditions = live()
    count = await session.scalar(select(func.count()).select_from(Post).where(*conditions))
    statement = (
        select(Post)
        .where(*conditions)
        .order_by(Post.published_at.desc(), Post.id.desc())
        .limit(size)
        .offset((page - 1) * size)
        .options(*RELATED, *options)
    )
    posts = (await session.scalars(statement)).all()

    def link(number: int) -> str:
        query = request.url.include_query_params(page=number).query
        return f"{SITE_URL}{request.url.path}?{query}"

    return {
        "count": count,
        "next": link(page + 1) if page * size < count else None,
        "previous": link(page - 1) if page > 1 else None,
        "results": posts,
    }


@app.get("/api/v1/posts/", response_model=PageOut[PostOut])
async def list_posts(
    session: Session, request: Request, page: PageNumber = 1, page_size: PageSize = 20
):
    return await page_of(session, request, page, page_size, defer(Post.body))


@app.get("/api/v1/posts/with-bodies/", response_model=PageOut[PostWithBody])
async def list_posts_with_bodies(
    session: Session, request: Request, page: PageNumber = 1, page_size: PageSize = 20
):
    return await page_of(session, request, page, page_size)


@app.get("/api/v1/posts/{post_id}/", response_model=PostWithBody)
async def read_post(session: Session, post_id: int):
    statement = select(Post).where(*live(), Post.id == post_id).options(*RELATED)
    post = await session.scalar(statement)
    if post is None:
        raise HTTPException(404)
    return post
