"""Real photographs from a folder and from scikit-image: what is taken, refused, and cut out."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image

from benches._photographs import photographs, scikit_image_photographs
from journeys.pictures import PhotographFolder, Picture, PictureError, Recogniser

Put = Callable[[str, bytes], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "faces").mkdir()
    return tmp_path / "faces"


@pytest.fixture
def put(folder: Path) -> Put:
    def put(name: str, data: bytes) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return put


@pytest.fixture
def plain() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (200, 200), "teal").save(data, "PNG")
    return data.getvalue()


def test_pictures_of_nested_folders_come_sorted_and_as_they_are(
    folder: Path, put: Put, pictures: list[Picture]
) -> None:
    put("c/2.jpg", pictures[0].encoded)
    put("b.png", pictures[1].encoded)
    put("c/1/a.webp", pictures[2].encoded)
    found, refused = photographs(folder)
    assert [one.name for one in found] == ["b.png", "c/1/a.webp", "c/2.jpg"]
    assert [one.encoded for one in found] == [pictures[index].encoded for index in (1, 2, 0)]
    assert refused == []


def test_what_is_no_picture_or_too_plain_is_refused_and_says_why(
    folder: Path, put: Put, picture: Picture, plain: bytes
) -> None:
    put("me.jpg", picture.encoded)
    put("notes.txt", b"hello")
    put("plain.png", plain)
    put("cut.jpg", picture.encoded[:2000])
    put(".hidden/me.jpg", picture.encoded)
    put(".DS_Store", b"")
    found, refused = photographs(folder)
    assert [one.name for one in found] == ["me.jpg"]
    assert [one.name for one in refused] == ["cut.jpg", "notes.txt", "plain.png"]
    assert "cut off" in refused[0].reason
    assert "is no picture" in refused[1].reason
    assert "nearly one colour" in refused[2].reason


def test_a_link_out_of_the_folder_is_not_followed(
    folder: Path, put: Put, picture: Picture, tmp_path: Path
) -> None:
    outside = tmp_path / "private"
    outside.mkdir()
    (outside / "me.jpg").write_bytes(picture.encoded)
    inside = put("a/me.jpg", picture.encoded)
    (folder / "linked.jpg").symlink_to(outside / "me.jpg")
    (folder / "linked").symlink_to(outside, target_is_directory=True)
    (folder / "again.jpg").symlink_to(inside)
    (folder / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    found, refused = photographs(folder)
    assert [one.name for one in found] == ["a/me.jpg", "again.jpg"]
    assert [one.name for one in refused] == ["gone.jpg", "linked.jpg"]
    assert "leads out of" in refused[1].reason


def test_a_file_that_is_too_large_is_not_read(
    folder: Path, put: Put, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("me.jpg", picture.encoded)
    monkeypatch.setattr("journeys.pictures.book._MOST_FILE_BYTES", 1000)
    found, refused = photographs(folder)
    assert found == []
    assert "make it smaller" in refused[0].reason


def test_a_folder_with_too_many_files_is_refused(
    folder: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        put(f"{number}.txt", b"")
    monkeypatch.setattr("journeys.pictures.book._MOST_FILES", 2)
    with pytest.raises(PictureError, match="more than 2 files; use a smaller folder"):
        photographs(folder)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        PictureError, match=r"nowhere: is no folder; give the path of one with pictures in it$"
    ):
        photographs(tmp_path / "nowhere")


def test_a_camera_s_picture_is_kept_smaller_and_uploaded_whole(
    folder: Path, put: Put, picture: Picture
) -> None:
    data = io.BytesIO()
    picture.image.resize((1500, 1500)).save(data, "JPEG")
    put("large.jpg", data.getvalue())
    (large,), _ = photographs(folder)
    assert large.image.size == (1024, 1024)
    assert large.encoded == data.getvalue()
    assert Recogniser().recognise(picture.image, large).same


def test_crops_are_the_same_ones_each_time_and_can_be_told_apart(
    folder: Path, put: Put, pictures: list[Picture]
) -> None:
    # A picture with enough in it for several others: four of a book, side by side.
    sheet = Image.new("RGB", (1024, 1024))
    for index in range(4):
        sheet.paste(pictures[index].image, (512 * (index % 2), 512 * (index // 2)))
    data = io.BytesIO()
    sheet.save(data, "PNG")
    put("a/sheet.png", data.getvalue())
    found, refused = photographs(folder, crops=5)
    assert refused == []
    assert [one.name for one in found] == ["a/sheet.png"] + [f"a/sheet-crop-{n}.jpg" for n in range(1, 6)]
    for crop in found[1:]:
        assert crop.media_type == "image/jpeg"
        assert crop.image.width == crop.image.height >= 128
        assert Picture.from_bytes("again", crop.encoded).image.tobytes() == crop.image.tobytes()
    for one, other in combinations(found, 2):
        assert one.fingerprint - other.fingerprint >= 16

    put("a/sheet.png", b"")
    put("other.png", data.getvalue())
    again, _ = photographs(folder, crops=5)
    assert [one.encoded for one in again] == [one.encoded for one in found]


def test_crops_that_can_t_be_had_are_said_to_be_missing(folder: Path, put: Put, plain: bytes) -> None:
    put("plain.png", plain)
    found, refused = photographs(folder, crops=3)
    assert found == []
    assert [one.name for one in refused] == ["plain.png", "plain.png"]
    assert "gave 0 of 3 crops" in refused[1].reason


def test_each_file_is_read_once_and_only_when_it_is_asked_for(
    folder: Path, put: Put, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, one in enumerate(pictures[:4]):
        put(f"{number}.jpg", one.encoded)
    read: list[str] = []
    from_bytes = Picture.from_bytes

    def noted(name: str, data: bytes) -> Picture:
        read.append(name)
        return from_bytes(name, data)

    monkeypatch.setattr(Picture, "from_bytes", noted)
    held = PhotographFolder(folder)
    assert read == []
    first = next(held.shuffle(7))
    assert read == [first.name]
    everything = list(held.shuffle(7))
    assert everything[0] is first
    assert list(held.shuffle(7)) == everything
    assert sorted(read) == list(held.names)


def test_the_order_depends_on_the_seed(folder: Path, put: Put, pictures: list[Picture]) -> None:
    for number, one in enumerate(pictures[:6]):
        put(f"{number}.jpg", one.encoded)
    held = PhotographFolder(folder)
    orders = {tuple(one.name for one in held.shuffle(seed)) for seed in range(10)}
    assert len(orders) > 5
    assert {tuple(sorted(order)) for order in orders} == {held.names}


def test_a_folder_that_gives_no_picture_at_all_says_so(folder: Path, put: Put) -> None:
    put("notes.txt", b"hello")
    put("more.txt", b"hello")
    with pytest.raises(
        PictureError, match=r"none of its 2 files gives a picture, .*more\.txt: this is no picture"
    ):
        next(PhotographFolder(folder).shuffle(1))


def test_an_empty_folder_says_so(folder: Path) -> None:
    with pytest.raises(PictureError, match=r"none of its 0 files gives a picture; put some in$"):
        next(PhotographFolder(folder).shuffle(1))


def test_scikit_image_brings_photographs() -> None:
    pytest.importorskip("skimage")
    found, refused = scikit_image_photographs()
    names = [one.name for one in found]
    assert {"astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png"} <= set(names)
    assert {one.name for one in refused} <= {
        "brick.png",
        "grass.png",
        "gravel.png",
        "hubble_deep_field.jpg",
        "moon.png",
        "retina.jpg",
        "rocket.jpg",
    }
    for one, other in combinations(found, 2):
        Recogniser().tell_apart(one, other)


def test_without_scikit_image_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benches._photographs.find_spec", lambda _: None)
    with pytest.raises(
        ModuleNotFoundError, match=r"scikit-image is not installed, .*; pip install scikit-image"
    ):
        scikit_image_photographs()
